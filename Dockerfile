# One image for every role: the command says which. Built from the lock file with hashes, run as a user of its own.
FROM python:3.11-slim-bookworm AS build
WORKDIR /src
COPY . .
# Set-up is the one of the README; npm comes as a Python package, so nothing else is needed.
RUN python dev.py setup \
    && .venv/bin/python -m pip uninstall --yes --quiet liencap \
    && .venv/bin/python -m pip install --quiet --no-build-isolation --no-deps . \
    && mv .venv /opt/liencap \
    && sed -i '1s|^#!.*|#!/opt/liencap/bin/python|' /opt/liencap/bin/liencap

FROM python:3.11-slim-bookworm
RUN useradd --system --uid 10001 --home-dir /data liencap && install -d -o liencap -g liencap -m 700 /data
COPY --from=build /opt/liencap /opt/liencap
ENV PATH=/opt/liencap/bin:$PATH PYTHONUNBUFFERED=1 LIENCAP_DATA=/data LIENCAP_HOST=0.0.0.0 LIENCAP_LOG_FORMAT=json
USER liencap
VOLUME /data
WORKDIR /data
ENTRYPOINT ["liencap"]
CMD ["serve"]
