import { OTLPTraceExporter as JsonExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as ProtobufExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { defaultResource, detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { PrismaInstrumentation } from '@prisma/instrumentation';
import { badInput } from './problems.js';
import { traceWith } from './tracing.js';

// Loaded only where traces are wanted: OpenTelemetry's SDK is larger than the rest of what the gateway needs to start.

/**
 * Has spans sent to where the usual variables of OpenTelemetry say (OTEL_EXPORTER_OTLP_ENDPOINT and what goes with it), which
 * the SDK reads by itself. Returns what sends the last of them and ends it.
 * @throws {Problem} BAD_USER_INPUT for a protocol that is not spoken.
 */
export function startTracing(variables: Readonly<Record<string, string | undefined>>): () => Promise<void> {
  const protocol = variables['OTEL_EXPORTER_OTLP_TRACES_PROTOCOL'] ?? variables['OTEL_EXPORTER_OTLP_PROTOCOL'] ?? 'http/protobuf';
  if (protocol !== 'http/protobuf' && protocol !== 'http/json') {
    throw badInput(`OTEL_EXPORTER_OTLP_PROTOCOL is ${protocol}; traces are sent by http/protobuf or http/json.`);
  }
  const resource = defaultResource()
    .merge(resourceFromAttributes({ 'service.name': 'stowage' }))
    .merge(detectResources({ detectors: [envDetector] }));
  const exporter = protocol === 'http/json' ? new JsonExporter() : new ProtobufExporter();
  const provider = new NodeTracerProvider({ resource, spanProcessors: [new BatchSpanProcessor(exporter)] });
  // Makes the context, by which spans know their parents, go along with what is awaited.
  provider.register();
  const prisma = new PrismaInstrumentation();
  prisma.setTracerProvider(provider);
  prisma.enable();
  traceWith(provider.getTracer('stowage'));
  return async () => {
    traceWith(undefined);
    prisma.disable();
    await provider.shutdown();
  };
}
