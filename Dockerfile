# ActionStream as an image, in two variants: cuda (also runs on the CPU) and cpu (without what only a GPU needs).
#   docker build -t actionstream .
#   docker build -t actionstream:cpu --build-arg VARIANT=cpu .
#   docker run --gpus all -v ./configs:/etc/actionstream:ro -e CAMERA_URL=rtsp://… -e MQTT_HOST=broker actionstream
# Instructions stay as plain as these: tests perform them without an engine.
ARG VARIANT=cuda
ARG CUDA_IMAGE=nvidia/cuda:13.0.1-cudnn-runtime-ubuntu24.04

FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
# The project of the program `actionstream`.
ARG PROJECT=src/Cli
WORKDIR /source
ENV DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
# Restoring first: this layer changes only with the list of packages. COPY flattens; each folder is named as its project.
COPY Directory.* global.jso[n] BannedSymbols.txt .editorconfig ./
COPY src/*/*.csproj src/
RUN cd src && for project in *.csproj; do mkdir -p "${project%.csproj}" && mv "$project" "${project%.csproj}/"; done
RUN dotnet restore "$PROJECT" -r linux-x64 -p:SelfContained=true
COPY src src
COPY configs configs
COPY training/default/weights.safetensors training/default/
RUN dotnet publish "$PROJECT" --no-restore -c Release -r linux-x64 --self-contained -o /app
RUN /app/actionstream models build factorised-tokenlearner-vivit-mini \
      --weights training/default/weights.safetensors --split --out /app/models/default \
 && cp -a /app /app-cpu && rm -f /app-cpu/libonnxruntime_providers_cuda.so /app-cpu/libonnxruntime_providers_tensorrt.so \
 && mv /app /app-cuda

FROM ubuntu:24.04 AS base-cpu
FROM ${CUDA_IMAGE} AS base-cuda

FROM base-${VARIANT} AS service
ARG VARIANT
RUN apt-get update \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends ca-certificates curl ffmpeg tzdata util-linux \
 && rm -rf /var/lib/apt/lists/*
# Home is the state folder, the one place to write: CUDA keeps what it compiles at home.
RUN groupadd --gid 10001 actionstream \
 && useradd --uid 10001 --gid 10001 --groups video \
      --home-dir /var/lib/actionstream --no-create-home --shell /usr/sbin/nologin actionstream \
 && install -d -o actionstream -g actionstream -m 750 /var/lib/actionstream
WORKDIR /app
COPY --from=build /app-${VARIANT} /app
COPY --from=build /source/configs /app/configs
COPY LICENSE THIRD-PARTY-NOTICES.md /app/
ENV DOTNET_gcServer=0 DOTNET_GCgen0size=800000 DOTNET_EnableDiagnostics=0 MALLOC_ARENA_MAX=2
ENV METRICS_ADDRESS=0.0.0.0 METRICS_PORT=9464 STATE_FOLDER=/var/lib/actionstream
# video: without it the driver leaves out the libraries that decode.
ENV NVIDIA_DRIVER_CAPABILITIES=compute,video,utility
USER actionstream
VOLUME /var/lib/actionstream
EXPOSE 9464
HEALTHCHECK --interval=15s --timeout=3s --start-period=60s CMD curl -fsS http://127.0.0.1:${METRICS_PORT}/health/live || exit 1
STOPSIGNAL SIGTERM
ENTRYPOINT ["/app/actionstream"]
CMD ["run", "-c", "/app/configs/one-camera.yaml"]
