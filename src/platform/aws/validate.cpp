#include "platform/aws/validate.h"

#include <algorithm>
#include <optional>
#include <set>

#include "core/base/guarded.h"
#include "core/base/log.h"
#include "core/base/text.h"
#include "platform/aws/convert.h"

namespace millrace::aws {
namespace {

constexpr std::size_t kShownValueBytes = 1024;
/// A client that invents member names must not fill the memory with them.
constexpr std::size_t kMaxRememberedUnknowns = 200;

/// More would fill an answer that nobody reads, or the memory with the complaints about one hostile document.
constexpr std::size_t kMaxViolations = 100;

void log_unknown_once(const Shape& shape, std::string_view member) {
  static Guarded<std::set<std::string>> seen;
  const std::string name = std::string(shape.name) + "." + printable(member, 80);
  const bool first = seen.with([&](std::set<std::string>& names) {
    return names.size() < kMaxRememberedUnknowns && names.insert(name).second;
  });
  if (first) log_event("unknown-member-ignored", {{"member", name}});
}

/// Paths begin each component in lower case: TrainingJobName is 'trainingJobName'.
std::string path_component(std::string_view name) {
  std::string component(name);
  if (!component.empty() && component[0] >= 'A' && component[0] <= 'Z') {
    component[0] = static_cast<char>(component[0] - 'A' + 'a');
  }
  return component;
}

std::string below(const std::string& path, std::string_view component) {
  return path.empty() ? std::string(component) : path + "." + std::string(component);
}

std::string_view json_type_of(const Json& json) {
  if (json.is_string()) return "a string";
  if (json.is_boolean()) return "a boolean";
  if (json.is_number()) return "a number";
  if (json.is_array()) return "a list";
  if (json.is_object()) return "an object";
  return "null";
}

[[noreturn]] void refuse_json_type(const std::string& path, std::string_view expected, const Json& json) {
  throw Error(Blame::Customer, "SerializationException",
              "Member '" + path + "' must be " + std::string(expected) + ", not " + std::string(json_type_of(json)) +
                  (json.is_primitive() ? " (" + printable(to_text(json), 60) + ")" : std::string()) + ".");
}

std::string shown(const Json& json, const Shape& shape) {
  if (shape.sensitive) return "***";
  const std::string text = json.is_string() ? json.get_ref<const std::string&>() : to_text(json);
  if (text.size() <= kShownValueBytes) return text;
  return std::string(cut_utf8(text, kShownValueBytes)) + "...";
}

std::string joined(const std::vector<std::string>& constraints) { return "[" + join(constraints, ", ") + "]"; }

}  // namespace

/// One document being checked.
class Validator::Walk {
 public:
  explicit Walk(const Validator& validator) : validator_(validator) {}

  void structure(const Json& json, const Shape& shape, const std::string& path, std::optional<Location> location) {
    if (!json.is_object()) refuse_json_type(path.empty() ? std::string(shape.name) : path, "an object", json);
    for (const Member& member : shape.members) {
      if (member.streaming) continue;
      const Location where = location.value_or(member.location);
      const Json* value = find_member(json, member.name);
      if (value != nullptr) {
        check(*value, member, below(path, path_component(member.name)), where);
      } else if (member.required) {
        add(Violation::Rule::Missing, member, where, below(path, path_component(member.name)), "null",
            "Member must not be null");
      }
    }
    for (const auto& [key, value] : json.get_ref<const Json::object_t&>()) {
      const auto known = [&key = key](const Member& member) { return member.name == key; };
      if (std::none_of(shape.members.begin(), shape.members.end(), known)) log_unknown_once(shape, key);
    }
  }

  std::vector<Violation> violations;

 private:
  void add(Violation::Rule rule, const Member& member, Location location, std::string path, std::string value,
           std::string constraint) {
    if (violations.size() == kMaxViolations) return;
    violations.push_back({rule, &member, location, std::move(path), std::move(value), std::move(constraint)});
  }

  void check(const Json& json, const Member& member, const std::string& path, Location location) {
    const Shape& shape = *member.shape;
    switch (shape.kind) {
      case Kind::Structure:
        structure(json, shape, path, location == Location::Payload ? Location::Body : location);
        return;
      case Kind::List:
        list(json, member, path, location);
        return;
      case Kind::Map:
        map(json, member, path, location);
        return;
      default:
        check_type(json, shape, path);
        for (const auto& [rule, constraint] : broken(json, shape)) {
          add(rule, member, location, path, shown(json, shape), constraint);
        }
    }
  }

  void list(const Json& json, const Member& member, const std::string& path, Location location) {
    if (!json.is_array()) refuse_json_type(path, "a list", json);
    if (!size_limits(json, member, path, location)) return;
    std::size_t index = 0;
    for (const Json& element : json) {
      ++index;
      if (element.is_null()) continue;
      check(element, member.shape->members[0], path + "." + std::to_string(index) + ".member", location);
    }
  }

  void map(const Json& json, const Member& member, const std::string& path, Location location) {
    if (!json.is_object()) refuse_json_type(path, "an object", json);
    if (!size_limits(json, member, path, location)) return;
    const Shape& key_shape = *member.shape->members[0].shape;
    const Member& value_member = member.shape->members[1];
    const bool scalar = value_member.shape->kind < Kind::List;
    for (const auto& [key, value] : json.get_ref<const Json::object_t&>()) {
      if (value.is_null()) continue;
      entry("Map keys", broken(key, key_shape), member, path, key, location);
      const std::string value_path = below(path, key);
      if (!scalar) {
        check(value, value_member, value_path, location);
        continue;
      }
      check_type(value, *value_member.shape, value_path);
      entry("Map value", broken(value, *value_member.shape), member, value_path, shown(value, *value_member.shape),
            location);
    }
  }

  using Broken = std::vector<std::pair<Violation::Rule, std::string>>;

  void entry(std::string_view what, const Broken& problems, const Member& member, const std::string& path,
             std::string value, Location location) {
    if (problems.empty()) return;
    std::vector<std::string> constraints;
    for (const auto& [rule, constraint] : problems) constraints.push_back(constraint);
    add(problems.front().first, member, location, path, std::move(value),
        std::string(what) + " must satisfy constraint: " + joined(constraints));
  }

  /// False when there are more entries than the model allows: they are not looked at one by one then.
  bool size_limits(const Json& json, const Member& member, const std::string& path, Location location) {
    const auto size = static_cast<std::int64_t>(json.size());
    for (const auto& [rule, constraint] : outside(size, *member.shape, "length", Violation::Rule::Length)) {
      add(rule, member, location, path, shown(json, *member.shape), constraint);
    }
    return size <= member.shape->max;
  }

  void check_type(const Json& json, const Shape& shape, const std::string& path) {
    switch (shape.kind) {
      case Kind::String:
        if (!json.is_string()) refuse_json_type(path, "a string", json);
        return;
      case Kind::Integer: {
        constexpr std::int64_t kLimit = std::int64_t{1} << 31;
        const auto number = whole_number(json);
        if (!number || *number >= kLimit || *number < -kLimit) refuse_json_type(path, "a 32-bit whole number", json);
        return;
      }
      case Kind::Long:
        if (!whole_number(json)) refuse_json_type(path, "a 64-bit whole number", json);
        return;
      case Kind::Float:
        if (!json.is_number()) refuse_json_type(path, "a number", json);
        return;
      case Kind::Boolean:
        if (!json.is_boolean()) refuse_json_type(path, "true or false", json);
        return;
      case Kind::Timestamp:
        if (!json.is_number()) refuse_json_type(path, "a number of seconds since 1970", json);
        static_cast<void>(timestamp_from_json(json, path));
        return;
      case Kind::Blob:
        if (!json.is_string() || !from_base64(json.get_ref<const std::string&>())) {
          refuse_json_type(path, "base64 text", json);
        }
        return;
      default:
        return;
    }
  }

  static Broken outside(std::int64_t value, const Shape& shape, const char* what, Violation::Rule rule) {
    Broken problems;
    const std::string have = std::string("Member must have ") + what;
    if (value > shape.max) {
      problems.emplace_back(rule, have + " less than or equal to " + std::to_string(shape.max));
    }
    if (value < shape.min) {
      problems.emplace_back(rule, have + " greater than or equal to " + std::to_string(shape.min));
    }
    return problems;
  }

  /// Constraints of a scalar of the right type.
  [[nodiscard]] Broken broken(const Json& json, const Shape& shape) const {
    switch (shape.kind) {
      case Kind::String:
        return broken(json.get_ref<const std::string&>(), shape);
      case Kind::Integer:
      case Kind::Long:
        return outside(*whole_number(json), shape, "value", Violation::Rule::Range);
      case Kind::Float: {
        const double value = json.get<double>();
        Broken problems;
        if (shape.max != kNoMaximum && value > static_cast<double>(shape.max)) {
          problems.emplace_back(Violation::Rule::Range,
                                "Member must have value less than or equal to " + std::to_string(shape.max));
        }
        if (shape.min != kNoMinimum && value < static_cast<double>(shape.min)) {
          problems.emplace_back(Violation::Rule::Range,
                                "Member must have value greater than or equal to " + std::to_string(shape.min));
        }
        return problems;
      }
      case Kind::Blob: {
        const auto bytes = from_base64(json.get_ref<const std::string&>());
        return outside(static_cast<std::int64_t>(bytes ? bytes->size() : 0), shape, "length", Violation::Rule::Length);
      }
      default:
        return {};
    }
  }

  /// Length is looked at first: patterns are not run on text that is too long for them.
  [[nodiscard]] Broken broken(const std::string& text, const Shape& shape) const {
    Broken problems;
    const auto bytes = static_cast<std::int64_t>(text.size());
    // Code points are at most as many as bytes and at least a quarter of them.
    if (bytes > shape.max || (shape.min != kNoMinimum && bytes < 4 * shape.min)) {
      problems = outside(static_cast<std::int64_t>(utf8_length(text)), shape, "length", Violation::Rule::Length);
    }
    if (!shape.values.empty() && std::find(shape.values.begin(), shape.values.end(), text) == shape.values.end()) {
      std::vector<std::string> values(shape.values.begin(), shape.values.end());
      problems.emplace_back(Violation::Rule::Value, "Member must satisfy enum value set: " + joined(values));
    }
    const bool too_long = bytes > shape.max && !problems.empty();
    if (!shape.pattern.empty() && !too_long && !validator_.patterns_.at(&shape).matches(text)) {
      problems.emplace_back(Violation::Rule::Pattern,
                            "Member must satisfy regular expression pattern: " + std::string(shape.pattern));
    }
    return problems;
  }

  const Validator& validator_;
};

void Validator::prepare(const Shape& shape) {
  std::vector<const Shape*> open{&shape};
  std::set<const Shape*> seen;
  while (!open.empty()) {
    const Shape* next = open.back();
    open.pop_back();
    if (!seen.insert(next).second) continue;
    if (!next->pattern.empty()) patterns_.try_emplace(next, next->pattern);
    for (const Member& member : next->members) open.push_back(member.shape);
  }
}

std::vector<Violation> Validator::check(const Json& document, const Shape& shape) const {
  Walk walk(*this);
  walk.structure(document, shape, "", std::nullopt);
  return std::move(walk.violations);
}

Error validation_exception(const std::vector<Violation>& violations) {
  std::vector<std::string> entries;
  for (const Violation& violation : violations) {
    const bool missing = violation.rule == Violation::Rule::Missing;
    entries.push_back("Value " + (missing ? violation.value : "'" + violation.value + "'") + " at '" + violation.path +
                      "' failed to satisfy constraint: " + violation.constraint);
  }
  return {Blame::Customer, "ValidationException",
          std::to_string(violations.size()) + " validation error" + (violations.size() == 1 ? "" : "s") +
              " detected: " + join(entries, "; ")};
}

Error s3_violation(const Violation& violation) {
  const std::string_view shape = violation.member->shape->name;
  const std::string name(violation.member->wire_name);
  const auto error = [](const char* code, std::string message) {
    return Error(Blame::Customer, code, std::move(message));
  };
  const std::string malformed =
      "The XML you provided was not well-formed or did not validate against our published schema";
  if (violation.rule == Violation::Rule::Missing) {
    switch (violation.location) {
      case Location::Payload:
        return error("MissingRequestBodyError", "Request Body is empty");
      case Location::Body:
        return error("MalformedXML", malformed + ": element '" + name + "' is missing");
      case Location::Header:
        return error("InvalidRequest", "Missing required header for this request: " + name);
      default:
        return error("InvalidRequest", "Missing required parameter for this request: " + name);
    }
  }
  if (shape == "BucketName") return error("InvalidBucketName", "The specified bucket is not valid.");
  if (shape == "ObjectKey" && violation.rule == Violation::Rule::Length && !violation.value.empty()) {
    return error("KeyTooLongError", "Your key is too long");
  }
  const std::string detail = "Value '" + violation.value + "' of '" + name + "': " + violation.constraint;
  if (violation.location == Location::Body) return error("MalformedXML", malformed + ": " + detail);
  if (shape == "StorageClass") return error("InvalidStorageClass", "The storage class you specified is not valid");
  if (shape == "ChecksumAlgorithm") {
    return error("InvalidRequest", "Checksum algorithm provided is unsupported. Please try again with any of the valid "
                                   "types: [CRC32, CRC32C, CRC64NVME, SHA1, SHA256]");
  }
  return error("InvalidArgument", detail);
}

}  // namespace millrace::aws
