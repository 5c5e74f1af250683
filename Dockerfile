# ActionStream as an image, in two variants: cuda (also runs on the CPU) and cpu (without what only a GPU needs).
#   docker build -t actionstream .
#   docker build -t actionstream:cpu --build-arg VARIANT=cpu .
#   docker run --gpus all -v ./configs:/etc/actionstream:ro -e CAMERA_URL=rtsp://… -e MQTT_HOST=broker actionstream
ARG VARIANT=cuda
ARG CUDA_IMAGE=nvidia/cuda:13.0.1-cudnn-runtime-ubuntu24.04

FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
WORKDIR /source
ENV DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
# Restoring first: this layer changes only with the list of packages.
COPY Directory.* BannedSymbols.txt .editorconfig ./
COPY src/Core/Core.csproj src/Core/
COPY src/Ingest/Ingest.csproj src/Ingest/
COPY src/Inference/Inference.csproj src/Inference/
COPY src/Models/Models.csproj src/Models/
COPY src/Publish/Publish.csproj src/Publish/
COPY src/Host/Host.csproj src/Host/
COPY src/Evaluation/Evaluation.csproj src/Evaluation/
COPY src/Bench/Bench.csproj src/Bench/
COPY src/Cli/Cli.csproj src/Cli/
RUN dotnet restore src/Cli -r linux-x64
COPY src src
COPY configs configs
COPY training/default training/default
RUN dotnet publish src/Cli -c Release -r linux-x64 --self-contained -o /app \
 && /app/actionstream models build factorised-tokenlearner-vivit-mini --weights training/default/weights.safetensors --split --out /app/models/default \
 && cp -a /app /app-cpu && rm -f /app-cpu/libonnxruntime_providers_cuda.so /app-cpu/libonnxruntime_providers_tensorrt.so \
 && mv /app /app-cuda

FROM ubuntu:24.04 AS base-cpu
FROM ${CUDA_IMAGE} AS base-cuda

FROM base-${VARIANT} AS service
ARG VARIANT
RUN apt-get update \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends ffmpeg util-linux ca-certificates curl \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --create-home --uid 10001 --groups video actionstream \
 && install -d -o actionstream /var/lib/actionstream
WORKDIR /app
COPY --from=build /app-${VARIANT} /app
COPY --from=build /source/configs /app/configs
COPY LICENSE THIRD-PARTY-NOTICES.md /app/
ENV DOTNET_gcServer=0 DOTNET_GCgen0size=800000 MALLOC_ARENA_MAX=2 METRICS_ADDRESS=0.0.0.0 METRICS_PORT=9464
USER actionstream
EXPOSE 9464
HEALTHCHECK --interval=15s --timeout=3s --start-period=60s CMD curl -fsS http://127.0.0.1:${METRICS_PORT}/health/live || exit 1
STOPSIGNAL SIGTERM
ENTRYPOINT ["/app/actionstream"]
CMD ["run", "-c", "/app/configs/one-camera.yaml"]
