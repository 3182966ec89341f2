# streamcore with its extras, for any job:
#     docker build -t streamcore .
#     docker run --rm -v "$PWD:/data" streamcore streamcore run job.py
#
# The wheel is built where there is a compiler: its C library makes Kafka fast.
FROM python:3.13 AS build
WORKDIR /source
COPY pyproject.toml hatch_build.py README.md LICENSE ./
COPY streamcore streamcore
COPY sources sources
COPY sinks sinks
COPY checkpoint checkpoint
COPY models models
RUN STREAMCORE_BUILD_NATIVE=require pip wheel --no-cache-dir --no-deps --wheel-dir /wheels .

FROM python:3.13-slim
ENV PYTHONUNBUFFERED=1
WORKDIR /app
COPY --from=build /wheels /tmp/wheels
RUN pip install --no-cache-dir "$(ls /tmp/wheels/*.whl)[all]" && rm -r /tmp/wheels
COPY examples examples
# A number: Kubernetes cannot see that a name is not root.
RUN useradd --create-home --uid 10001 streamcore && mkdir /data && chown streamcore /data
USER 10001
WORKDIR /data
CMD ["streamcore", "--help"]
