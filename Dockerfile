# streamcore with its extras, for any job:
#     docker build -t streamcore .
#     docker run --rm -v "$PWD:/data" streamcore streamcore run job.py
FROM python:3.13-slim
ENV PYTHONUNBUFFERED=1
WORKDIR /app
COPY pyproject.toml README.md LICENSE ./
COPY streamcore streamcore
COPY sources sources
COPY sinks sinks
COPY checkpoint checkpoint
COPY models models
RUN pip install --no-cache-dir '.[all]'
COPY examples examples
# A number: Kubernetes cannot see that a name is not root.
RUN useradd --create-home --uid 10001 streamcore && mkdir /data && chown streamcore /data
USER 10001
WORKDIR /data
CMD ["streamcore", "--help"]
