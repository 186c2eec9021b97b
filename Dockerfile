# The harness with its lock files, for an ordinary user. `docker build` has not been run yet, as no Docker was available.
#     docker build -t tf4ctr-audit .
#     docker run --rm -v "$PWD/out:/out" tf4ctr-audit run demo all --cores 2 --directory /out
# With CUDA, ten times as large and not tested either; `docker run` then also needs `--gpus all`:
#     docker build --build-arg TORCH=gpu --build-arg TORCH_INDEX=https://pypi.org/simple -t tf4ctr-audit:cuda .
# The base is Python 3.11.16 for several platforms. To update it, use the digest that
# `docker buildx imagetools inspect python:3.11-slim-bookworm` prints.
ARG PYTHON=python:3.11-slim-bookworm@sha256:a36c24f9cbdf4fd0f52d67f0823eeac19c2028c637cecc392d97f980d4fec56b
FROM ${PYTHON}
RUN useradd --create-home --uid 1000 audit && install -d -o audit -g audit /app /out
USER audit
WORKDIR /app
COPY --chown=audit:audit requirements.lock requirements-cpu.lock requirements-gpu.lock ./
ARG TORCH=cpu
ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu
RUN python -m venv .venv \
    && .venv/bin/pip install --no-cache-dir --require-hashes -r requirements.lock \
    && .venv/bin/pip install --no-cache-dir --require-hashes --no-deps --index-url ${TORCH_INDEX} \
    -r requirements-${TORCH}.lock
COPY --chown=audit:audit . .
RUN touch .venv/.ready
ENTRYPOINT ["/app/tf4ctr"]
CMD ["--help"]
