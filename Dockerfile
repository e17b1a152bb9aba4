# One image, three uses: serve (the default), migrate, and every other license-vault command.
# Not built where this is developed (no container engine there): deploy/try-image runs the same
# install and start commands as a non-root user in a debootstrap root instead.
FROM debian:bookworm-slim

RUN apt-get update \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
      ca-certificates fonts-hanazono libssl3 python3 python3-venv \
 && rm -rf /var/lib/apt/lists/*

RUN useradd --system --uid 10001 --home-dir /srv/license-vault --create-home license-vault
# Apart from the program: what a node keeps by itself, keys and certificates among it.
RUN install -d -o license-vault -g license-vault -m 0700 /var/lib/license-vault
WORKDIR /srv/license-vault
COPY requirements/ requirements/
RUN python3 -m venv /opt/license-vault \
 && /opt/license-vault/bin/pip install --no-cache-dir --require-hashes \
      -r requirements/runtime.lock -r requirements/build.lock

COPY pyproject.toml README.md LICENSE ./
COPY keys/ keys/
COPY signing/ signing/
COPY license_vault/ license_vault/
COPY verification/ verification/
COPY api/ api/
RUN /opt/license-vault/bin/pip install --no-cache-dir --no-deps --no-build-isolation .

USER license-vault
ENV PATH=/opt/license-vault/bin:$PATH
ENV LICENSE_VAULT_HOME=/var/lib/license-vault
EXPOSE 8000
ENTRYPOINT ["license-vault"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8000"]
