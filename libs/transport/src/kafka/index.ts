// `@pstream/transport/kafka`: apart, so that processes without Kafka do not load its client.
export { kafkaTransport, type KafkaTransportOptions } from './kafka-transport.js';
