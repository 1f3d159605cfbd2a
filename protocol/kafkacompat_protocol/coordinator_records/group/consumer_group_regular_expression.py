"""ConsumerGroupRegularExpression (record type 16): the topics that a pattern stands for."""

from kafkacompat_protocol.schema import Int64, String, message


@message(key=16, versions="0")
class ConsumerGroupRegularExpressionKey:
    group_id: String
    regular_expression: String


@message(key=16, versions="0", flexible="0+")
class ConsumerGroupRegularExpressionValue:
    topics: list[String]
    version: Int64
    timestamp: Int64
