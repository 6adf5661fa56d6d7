# One image a service: `docker build --target gateway .`. The last stages differ in their command only.
ARG NODE=node:24-bookworm-slim

FROM ${NODE} AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY . .
RUN npm run build

FROM ${NODE} AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev

FROM ${NODE} AS runtime
ENV NODE_ENV=production HOST=0.0.0.0
WORKDIR /app
COPY package.json ./
COPY --from=packages /app/node_modules node_modules
COPY tools/run.mjs tools/run.mjs
COPY tools/local tools/local
COPY apps/console/public apps/console/public
COPY --from=build /app/dist dist
USER node

FROM runtime AS gateway
CMD ["node", "--max-semi-space-size=32", "--heap-growing-percent=60", "tools/run.mjs", "local/service", "gateway"]

FROM runtime AS tenant-registry
CMD ["node", "--max-semi-space-size=32", "--heap-growing-percent=60", "tools/run.mjs", "local/service", "tenant-registry"]

FROM runtime AS token-broker
CMD ["node", "--max-semi-space-size=32", "--heap-growing-percent=60", "tools/run.mjs", "local/service", "token-broker"]

FROM runtime AS provet-sync
CMD ["node", "--max-semi-space-size=32", "--heap-growing-percent=60", "tools/run.mjs", "local/service", "provet-sync"]

FROM runtime AS exact-sync
CMD ["node", "--max-semi-space-size=32", "--heap-growing-percent=60", "tools/run.mjs", "local/service", "exact-sync"]

FROM runtime AS console
CMD ["node", "--max-semi-space-size=32", "--heap-growing-percent=60", "tools/run.mjs", "local/service", "console"]

FROM runtime AS simulator
CMD ["node", "tools/run.mjs", "local/simulator"]
