/** The servers that integration and black-box tests use; `npm test` starts them and sets the variables. */
export function testServer(name: 'KAFKA_BROKERS' | 'DATABASE_URL'): string {
  const value = process.env[name];
  if (value) return value;
  throw new Error(
    `${name} is not set. Run these tests through \`npm test\`, or start servers with \`npm run infra\` and set ` +
      'KAFKA_BROKERS and DATABASE_URL to what it prints.',
  );
}
