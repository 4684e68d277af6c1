# Two images are built on, both by tag. docs/deploy.md says how to pin them to what you have looked at: IMAGE@sha256:….
FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
# What bonus-adapter version tells: the context has no .git to find it in.
ARG RELEASE=""
ARG REVISION=""
RUN CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -X main.release=$RELEASE -X main.revision=$REVISION" -o /bonus-adapter ./cmd/bonus-adapter

# Static: CA certificates, time zones and a user, no shell and no package manager.
FROM gcr.io/distroless/static-debian12:nonroot
COPY --from=build /bonus-adapter /bonus-adapter
USER nonroot
EXPOSE 8080
# It asks the admin port of the container itself, or the public one if there is none.
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s CMD ["/bonus-adapter", "healthcheck"]
ENTRYPOINT ["/bonus-adapter"]
CMD ["serve", "--config", "/etc/bonus-adapter/config.yaml"]
