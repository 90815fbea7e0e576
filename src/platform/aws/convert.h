#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/base/time.h"
#include "core/json/json.h"

namespace millrace::aws {

/// What the generated struct conversions are made of. A document is a Json of the AWS JSON form: members under the
/// model's names, absent ones left out, timestamps as seconds with a fraction, blobs as base64.

[[noreturn]] inline void refuse_type(std::string_view member, std::string_view expected) {
  throw Error(Blame::Customer, "SerializationException",
              "Member '" + std::string(member) + "' must be " + std::string(expected) + ".");
}

/// nullptr when absent or null.
inline const Json* find_member(const Json& object, std::string_view name) {
  for (const auto& [key, value] : object.get_ref<const Json::object_t&>()) {
    if (key == name) return value.is_null() ? nullptr : &value;
  }
  return nullptr;
}

inline void require_object(const Json& json, std::string_view shape) {
  if (!json.is_object()) refuse_type(shape, "an object");
}

inline Json timestamp_to_json(Time time) {
  const std::int64_t millis = to_millis(time);
  if (millis % 1000 == 0) return millis / 1000;
  return static_cast<double>(millis) / 1000.0;
}

/// Half a millisecond away from zero, so that what a double cannot hold exactly comes back as it was.
inline Time timestamp_from_json(const Json& json, std::string_view member) {
  if (json.is_number_integer()) {
    const std::int64_t seconds = json.get<std::int64_t>();
    constexpr std::int64_t kLimit = std::int64_t{1} << 50;
    if (seconds > kLimit || seconds < -kLimit) refuse_type(member, "seconds since 1970");
    return from_millis(seconds * 1000);
  }
  if (!json.is_number()) refuse_type(member, "a number of seconds since 1970");
  const double millis = json.get<double>() * 1000.0;
  if (!(millis > -1e18 && millis < 1e18)) refuse_type(member, "seconds since 1970");
  return from_millis(static_cast<std::int64_t>(millis + (millis < 0 ? -0.5 : 0.5)));
}

/// The value as a whole number where JSON allows one: 3 and 3.0, within 64 bits.
inline std::optional<std::int64_t> whole_number(const Json& json) {
  if (json.is_number_unsigned() && json.get<std::uint64_t>() > std::uint64_t{std::numeric_limits<std::int64_t>::max()}) {
    return std::nullopt;
  }
  if (json.is_number_integer()) return json.get<std::int64_t>();
  if (!json.is_number_float()) return std::nullopt;
  const double value = json.get<double>();
  if (std::trunc(value) != value || !(std::fabs(value) < 9.0e18)) return std::nullopt;
  return static_cast<std::int64_t>(value);
}

// Reading. `name` is the member's, for the message.

inline void read_value(const Json& json, std::string& out, std::string_view name) {
  if (!json.is_string()) refuse_type(name, "a string");
  out = json.get_ref<const std::string&>();
}
inline void read_value(const Json& json, std::int64_t& out, std::string_view name) {
  const auto whole = whole_number(json);
  if (!whole) refuse_type(name, "a whole number");
  out = *whole;
}
inline void read_value(const Json& json, double& out, std::string_view name) {
  if (!json.is_number()) refuse_type(name, "a number");
  out = json.get<double>();
}
inline void read_value(const Json& json, bool& out, std::string_view name) {
  if (!json.is_boolean()) refuse_type(name, "true or false");
  out = json.get<bool>();
}
inline void read_value(const Json& json, Time& out, std::string_view name) { out = timestamp_from_json(json, name); }
template <class T>
void read_value(const Json& json, std::vector<T>& out, std::string_view name);
template <class T>
void read_value(const Json& json, std::map<std::string, T>& out, std::string_view name);
template <class Structure>
void read_value(const Json& json, Structure& out, std::string_view) {
  from_json(json, out);
}
template <class T>
void read_value(const Json& json, std::vector<T>& out, std::string_view name) {
  if (!json.is_array()) refuse_type(name, "a list");
  out.clear();
  out.reserve(json.size());
  for (const Json& element : json) {
    if (!element.is_null()) read_value(element, out.emplace_back(), name);
  }
}
template <class T>
void read_value(const Json& json, std::map<std::string, T>& out, std::string_view name) {
  require_object(json, name);
  out.clear();
  for (const auto& [key, value] : json.get_ref<const Json::object_t&>()) {
    if (!value.is_null()) read_value(value, out[key], name);
  }
}

template <class T>
void read_member(const Json& object, std::string_view name, T& out) {
  if (const Json* json = find_member(object, name)) read_value(*json, out, name);
}
template <class T>
void read_member(const Json& object, std::string_view name, std::optional<T>& out) {
  if (const Json* json = find_member(object, name)) read_value(*json, out.emplace(), name);
}
inline void read_blob(const Json& object, std::string_view name, std::string& out) {
  const Json* json = find_member(object, name);
  if (json == nullptr) return;
  auto bytes = json->is_string() ? from_base64(json->get_ref<const std::string&>()) : std::nullopt;
  if (!bytes) refuse_type(name, "base64 text");
  out = std::move(*bytes);
}
inline void read_blob(const Json& object, std::string_view name, std::optional<std::string>& out) {
  if (find_member(object, name) != nullptr) read_blob(object, name, out.emplace());
}

// Writing.

inline Json written(const std::string& value) { return value; }
inline Json written(std::int64_t value) { return value; }
inline Json written(double value) { return value; }
inline Json written(bool value) { return value; }
inline Json written(Time value) { return timestamp_to_json(value); }
template <class T>
Json written(const std::vector<T>& values);
template <class T>
Json written(const std::map<std::string, T>& values);
template <class Structure>
Json written(const Structure& value) {
  Json json;
  to_json(json, value);
  return json;
}
template <class T>
Json written(const std::vector<T>& values) {
  Json::array_t array;
  array.reserve(values.size());
  for (const T& value : values) array.push_back(written(value));
  return Json(std::move(array));
}
template <class T>
Json written(const std::map<std::string, T>& values) {
  Json::object_t object;
  object.reserve(values.size());
  for (const auto& [key, value] : values) static_cast<Json::object_t::Container&>(object).emplace_back(key, written(value));
  return Json(std::move(object));
}

/// Appends without looking for an earlier member of the same name: generated code names each once.
inline void append(Json::object_t& object, std::string_view name, Json value) {
  static_cast<Json::object_t::Container&>(object).emplace_back(std::string(name), std::move(value));
}
template <class T>
void write_member(Json::object_t& object, std::string_view name, const T& value) {
  append(object, name, written(value));
}
template <class T>
void write_member(Json::object_t& object, std::string_view name, const std::optional<T>& value) {
  if (value) append(object, name, written(*value));
}
inline void write_blob(Json::object_t& object, std::string_view name, const std::string& bytes) {
  append(object, name, to_base64(bytes));
}
inline void write_blob(Json::object_t& object, std::string_view name, const std::optional<std::string>& bytes) {
  if (bytes) write_blob(object, name, *bytes);
}

}  // namespace millrace::aws
