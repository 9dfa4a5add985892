# One image for both services: the scheduler by default, the worker as `node dist/worker/main.js`.
# What is in it, how it is built for amd64 and arm64, and how it is run: docs/containers.md.

# Debian 13 with Node 24, or another image that has both: Debian 13 has the ffmpeg that is tested.
ARG BASE=docker.io/library/node:24-trixie-slim

# The packages that run, without install scripts: what is native comes prebuilt for the platform. TypeScript and source
# maps are half of all files, and nobody reads them here; fluent-ffmpeg ships 12 MB of its own coverage reports.
FROM ${BASE} AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --ignore-scripts --no-update-notifier --loglevel=error \
 && find node_modules -type f \( -name '*.ts' -o -name '*.mts' -o -name '*.cts' -o -name '*.map' \) -delete \
 && rm -rf node_modules/fluent-ffmpeg/coverage

FROM ${BASE} AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --include=dev --ignore-scripts --no-update-notifier --loglevel=error
COPY . .
RUN npm run build

FROM ${BASE}
# ffmpeg and ffprobe; tini as process 1, which hands signals on and reaps orphans; setpriv, prlimit (util-linux) and
# nice (coreutils) are what ffmpeg is started through. Debian's ffmpeg brings drivers that draw on a screen: 190 MB that
# are only loaded where there is one; that it starts without them is tried. npm and yarn are for building, and go.
# /scratch is open to all like /tmp: a fresh volume takes its mode from here, and the image may be run as another user.
RUN apt-get update \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends ca-certificates ffmpeg tini util-linux \
 && apt-get clean \
 && rm -rf /var/lib/apt/lists/* /var/log/* /var/cache/debconf/*-old \
 && rm -f /usr/lib/*/libLLVM.so.* /usr/lib/*/libgallium-*.so /usr/lib/*/libz3.so.* \
 && rm -rf /opt/yarn-* /usr/local/lib/node_modules /usr/local/bin/npm /usr/local/bin/npx /usr/local/bin/corepack \
      /usr/local/bin/yarn /usr/local/bin/yarnpkg \
 && ffmpeg -version \
 && ffprobe -version \
 && groupadd --gid 10001 gantry \
 && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin gantry \
 && mkdir -m 1777 /scratch

WORKDIR /app
COPY package.json LICENSE ./
COPY ladders/*.yaml ladders/
COPY --from=packages /app/node_modules node_modules/
COPY --from=build /app/dist dist/

# The last one is glibc's: without it memory is kept for each thread that once read a file.
ENV NODE_ENV=production \
    GANTRY_SCRATCH=/scratch \
    GANTRY_ADMIN_HOST=0.0.0.0 \
    GANTRY_ADMIN_PORT=9464 \
    MALLOC_ARENA_MAX=2
VOLUME /scratch
EXPOSE 9464
# A number, so that an orchestrator can see that it is not root.
USER 10001:10001
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
  CMD ["node", "-e", "require('node:http').get({ host: '127.0.0.1', port: process.env.GANTRY_ADMIN_PORT, path: '/healthz', timeout: 4000 }, (answer) => process.exit(answer.statusCode === 200 ? 0 : 1)).on('timeout', () => process.exit(1)).on('error', () => process.exit(1))"]
ENTRYPOINT ["/usr/bin/tini", "--"]
CMD ["node", "dist/scheduler/main.js"]

# Last, so that a new revision costs nothing but these.
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Gantry" \
      org.opencontainers.image.description="Self-hosted video transcoding: scheduler and worker" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
