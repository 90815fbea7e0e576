#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <string_view>

namespace millrace::aws {

/// The constant tables that tools/modelgen writes from the published service models (botocore's service-2.json format)
/// and that the parsers, the validator and the renderers walk. Nothing of a service is known to them otherwise.

/// Integer has 32 bits, Long 64.
enum class Kind : std::uint8_t { String, Integer, Long, Float, Boolean, Timestamp, Blob, List, Map, Structure };

/// Where a member travels. Payload is the one member that is the whole HTTP body.
enum class Location : std::uint8_t { Body, Uri, Query, Header, Headers, StatusCode, Payload };

/// Of a timestamp that departs from its protocol's and location's own form.
enum class TimestampFormat : std::uint8_t { Default, Iso8601, Rfc1123, UnixSeconds };

struct Shape;

struct Member {
  std::string_view name;       ///< the model's name: the key in documents, what messages mention
  std::string_view wire_name;  ///< in the body, the query or the headers; a prefix for Location::Headers
  const Shape* shape = nullptr;
  Location location = Location::Body;
  bool required = false;
  bool flattened = false;      ///< XML and query: list or map entries without an element around them
  bool xml_attribute = false;
  bool streaming = false;      ///< the body is handed over as a stream and is not part of the document
  std::string_view xml_namespace{};
};

inline constexpr std::int64_t kNoMinimum = std::numeric_limits<std::int64_t>::min();
inline constexpr std::int64_t kNoMaximum = std::numeric_limits<std::int64_t>::max();

struct Shape {
  std::string_view name;
  Kind kind = Kind::Structure;
  /// Structure: its members. List: one, the element. Map: two, key and value. The wire name of elements, keys and
  /// values is that of their XML elements.
  std::span<const Member> members{};
  std::int64_t min = kNoMinimum;  ///< length in code points, number of entries, or value
  std::int64_t max = kNoMaximum;
  std::string_view pattern{};     ///< ECMA-like, matches the whole string; empty when there is none
  std::span<const std::string_view> values{};  ///< of an enumeration, in the model's order
  TimestampFormat timestamp_format = TimestampFormat::Default;
  bool flattened = false;
  bool sensitive = false;         ///< the value is not repeated in messages
};

enum class Protocol : std::uint8_t { Json, RestXml, RestJson, Query };

/// A query parameter that belongs to the URI template; an empty value stands for any.
struct FixedQuery {
  std::string_view key;
  std::string_view value;
};

struct Service;

struct Operation {
  std::string_view name;
  std::string_view method;
  std::string_view path;  ///< URI template without its query: "/{Bucket}/{Key+}"
  std::span<const FixedQuery> fixed_query{};
  std::span<const std::string_view> required_query{};    ///< wire names of required members
  std::span<const std::string_view> required_headers{};
  /// False: known by name only, refused by name. The rest of this struct is then empty.
  bool answered = false;
  const Shape* input = nullptr;   ///< nullptr when the operation takes nothing
  const Shape* output = nullptr;
  std::string_view input_root{};  ///< XML root element where the model names one for the operation
  std::string_view output_root{};
  std::string_view result_wrapper{};
  int status = 200;
  bool streaming_input = false;
  bool streaming_output = false;
  bool unwrapped_output = false;  ///< the XML root holds the text of the only member
};

/// A modelled exception. Errors may be thrown with either name.
struct ErrorShape {
  std::string_view name;
  std::string_view code;  ///< what the wire shows
  int status = 400;
  std::string_view message_member = "message";
};

struct Service {
  std::string_view name;          ///< as in generated/aws/<name>
  std::string_view signing_name;
  Protocol protocol = Protocol::Json;
  std::string_view json_version;   ///< "1.1"; empty where the service does not speak JSON
  std::string_view target_prefix;  ///< of X-Amz-Target, without the dot; empty where there is none
  std::string_view api_version;
  std::string_view xml_namespace;
  std::string_view full_name;
  std::span<const Operation> operations;
  std::span<const ErrorShape> errors;
};

}  // namespace millrace::aws
