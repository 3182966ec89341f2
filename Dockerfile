# The image of the demo job in docker-compose.yml.
FROM python:3.13-slim
WORKDIR /app
COPY pyproject.toml README.md LICENSE ./
COPY streamcore streamcore
COPY sources sources
COPY sinks sinks
COPY checkpoint checkpoint
COPY models models
RUN pip install --no-cache-dir '.[all]'
COPY examples examples
RUN useradd --create-home streamcore && mkdir /data && chown streamcore /data
USER streamcore
WORKDIR /data
CMD ["python", "/app/examples/demo.py"]
