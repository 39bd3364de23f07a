# One image for all services: `docker build -t pstream .`, then `docker run pstream gateway` (licensing, projects, …).
# Behind a proxy that opens TLS, hand in its certificate authority: `--secret id=ca,src=/path/to/ca.pem`.

# Manifests alone, so that the layer with the dependencies lasts until one of them changes.
FROM node:24-bookworm-slim AS manifests
WORKDIR /all
COPY . .
RUN mkdir /src && find . -name package.json -not -path '*/node_modules/*' -exec cp --parents -t /src {} + && cp package-lock.json .npmrc /src/

FROM node:24-bookworm-slim AS build
WORKDIR /src
COPY --from=manifests /src ./
# Without scripts: the only one that matters fetches a Node, and the image has one.
RUN --mount=type=secret,id=ca,target=/run/ca.pem NODE_EXTRA_CA_CERTS=/run/ca.pem \
  npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
COPY . .
RUN node node_modules/@typescript/native/bin/tsc -b apps/gateway apps/licensing apps/notifier apps/people apps/projects apps/credentials apps/extractor apps/pst-builder apps/projector apps/tenant-sim apps/console \
  && node tools/bundle-console.mjs \
  && mkdir /out && find apps libs -path '*/node_modules' -prune -o \
    -name dist -type d -exec cp -r --parents -t /out {} + \
  && rm -r /out/apps/console/dist && cp -r --parents -t /out apps/console/bundle

# What the services need at run time: no compilers, no test tools.
FROM node:24-bookworm-slim AS runtime
WORKDIR /src
COPY --from=manifests /src ./
RUN --mount=type=secret,id=ca,target=/run/ca.pem NODE_EXTRA_CA_CERTS=/run/ca.pem \
  npm ci --omit=dev --ignore-scripts --no-audit --no-fund --loglevel=error \
  -w @pstream/gateway -w @pstream/licensing -w @pstream/notifier -w @pstream/people -w @pstream/projects -w @pstream/credentials -w @pstream/extractor \
  -w @pstream/pst-builder -w @pstream/projector -w @pstream/tenant-sim-app

FROM node:24-bookworm-slim
WORKDIR /app
COPY --from=runtime /src ./
COPY --from=build /out ./
COPY docker ./docker
COPY LICENSE ./
# Tokens of the gateway; a volume goes here.
RUN mkdir -p /data && chown node:node /data
USER node
ENV NODE_ENV=production \
    NODE_OPTIONS=--disable-warning=TimeoutNegativeWarning \
    PSTREAM_HEALTH_HOST=0.0.0.0 \
    PSTREAM_HEALTH_PORT=8081 \
    PSTREAM_TOKENS=/data/tokens
EXPOSE 4321 8081
# Services come to rest within 25 seconds: give them 30.
STOPSIGNAL SIGTERM
ENTRYPOINT ["node", "docker/service.mjs"]
