/** Something the person at the terminal can put right. Its message is printed without a stack, and the command ends with 1. */
export class StopWithMessage extends Error {
  override readonly name = 'StopWithMessage';
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Runs a command's main function: expected obstacles print their message, anything else its stack; both end with 1. */
export async function runCommand(main: () => Promise<number>): Promise<void> {
  // Whoever read our output may be gone while we still have to stop what we started.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  try {
    process.exitCode = await main();
  } catch (error) {
    console.error(error instanceof StopWithMessage ? error.message : error);
    process.exitCode = 1;
  }
}

/** Progress and news for people: always on stderr, since stdout of some commands is read by programs. */
export function tell(line: string): void {
  process.stderr.write(`${line}\n`);
}
