# syntax=docker/dockerfile:1

FROM node:20-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY tsconfig.json tsconfig.client.json prisma.config.ts ./
COPY prisma ./prisma
COPY scripts/build-pages.mjs scripts/bundle-gateway.mjs ./scripts/
COPY src ./src
RUN npm run build && npm prune --omit=dev

FROM node:20-bookworm-slim
ENV NODE_ENV=production STOWAGE_BIND=0.0.0.0 STOWAGE_DATA_DIR=/data
WORKDIR /app
# The folder belongs to the user that the gateway runs as, also when a volume is mounted over it for the first time.
RUN mkdir /data && chown node:node /data
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/prisma ./prisma
COPY --from=build /app/dist ./dist
USER node
VOLUME /data
# Containers of it are never paused or stopped for a backup or copy.
LABEL io.stowage.quiesce=never
EXPOSE 4000
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s \
  CMD ["node", "dist/bundle/main.js", "health"]
# As npm start does: see docs/measured.md.
CMD ["node", "--max-semi-space-size=32", "dist/bundle/main.js", "serve"]
