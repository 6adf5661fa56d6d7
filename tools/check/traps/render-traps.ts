import { keyOf, type Shown, type Trap, type TrapTest, type VendorTraps } from './trap.ts';

const HEAD = `# Traps

Made by \`npm run traps\` (which also takes every handling out in turn and sees its test fail) and \`npm run generate\`; do not edit. For each trap of the vendors' references: how the relay is kept out of it, how that vendor's twin plays it, which tests cover it, and what was seen when the handling was taken out. \`npm test\` checks that the named tests exist and that every handling still stands where it is taken out.
`;

/** docs/results/traps.md. */
export function renderTraps(vendors: readonly VendorTraps[], shown: Shown): string {
  const parts = vendors.map(({ title, traps }) => {
    return `## ${title}\n\n${traps.map((trap) => renderTrap(trap, shown)).join('\n')}`;
  });
  return `${HEAD}\n${parts.join('\n')}`;
}

function renderTrap({ number, trap, handled, twin, tests, disabled }: Trap, shown: Shown): string {
  const lines = [
    `### ${number}. ${trap}`,
    '',
    `${handled}.`,
    '',
    `- **Twin:** ${twin}`,
    ...tests.map((test) => `- **Test:** ${nameOf(test)}`),
    ...disabled.map((one) => {
      const seen = shown[keyOf(one)];
      const what = seen === undefined ? 'not shown yet' : `${seen.failed} failed: ${code(seen.saw)}`;
      return `- **Without ${one.without}** (\`${one.file}\`), ${nameOf(one.fails)}: ${what}`;
    }),
  ];
  return `${lines.join('\n')}\n`;
}

function nameOf({ file, name }: TrapTest): string {
  return `\`${file}\` ${code(name)}`;
}

function code(text: string): string {
  return text.includes('`') ? `\`\` ${text} \`\`` : `\`${text}\``;
}
