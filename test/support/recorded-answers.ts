import type { TestScope } from '@relay/testing';

export interface RecordedAnswer {
  readonly name: string;
  /** Status line, headers and body. */
  readonly text: string;
}

/** Keeps every answer that `fetch` brings from these hosts, as the client saw it. */
export function recordAnswers(scope: TestScope, hosts: ReadonlySet<string>): RecordedAnswer[] {
  const answers: RecordedAnswer[] = [];
  const original = globalThis.fetch;
  globalThis.fetch = async (input, init) => {
    const response = await original(input, init);
    const url = new URL(input instanceof Request ? input.url : input);
    if (!hosts.has(url.host)) return response;
    const body = await response.clone().text();
    const headers = [...response.headers].map(([name, value]) => `${name}: ${value}`).join('\n');
    const name = `answer: ${init?.method ?? 'GET'} ${url.pathname} ${response.status}`;
    answers.push({ name, text: `${response.status}\n${headers}\n\n${body}` });
    return response;
  };
  scope.onTestFinished(() => {
    globalThis.fetch = original;
  });
  return answers;
}
