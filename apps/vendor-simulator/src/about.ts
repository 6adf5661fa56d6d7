/** What `GET /` says on each port. */
export const PROVET_ABOUT = `This is a simulation of Provet Cloud for development and tests. It holds invented data only.

REST API of a tenant:  /{tenant}/api/0.1/
Token endpoint:        /{tenant}/oauth2/token/
Control API:           /_control (described in apps/vendor-simulator/README.md)
`;

export const EXACT_ABOUT = `This is a simulation of the EXACT API for development and tests. It holds invented data only.

API:             /v1/Subscriptions/active and /v1/Practices/{practiceId}/...
Token endpoint:  /connect/token
It is controlled through /_control on the port of the simulated Provet Cloud.
`;
