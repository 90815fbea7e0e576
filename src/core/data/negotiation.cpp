#include "core/data/negotiation.h"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/base/text.h"

namespace millrace {
namespace {

std::vector<std::string> media_types_of(std::span<const DataFormat> formats) {
  std::vector<std::string> types;
  for (const DataFormat format : formats) {
    for (const std::string_view type : names_of(format).media_types) types.emplace_back(type);
  }
  return types;
}

[[noreturn]] void refuse(std::string_view code, std::string_view place, std::string_view given,
                         std::span<const DataFormat> formats) {
  const std::vector<std::string> types = media_types_of(formats);
  const std::optional<std::string> meant = nearest(given, types);
  throw Error(Blame::Customer, std::string(code),
              describe({.where = std::string(place),
                        .given = std::string(given),
                        .expected = "one of " + join(types, ", "),
                        .fix = meant ? "Did you mean '" + *meant + "'?" : ""}));
}

std::string media_type_of(std::string_view text) {
  return to_lower(trim(text.substr(0, text.find(';'))));
}

/// The first of `formats` that a media type, perhaps "*/*" or "text/*", stands for.
std::optional<DataFormat> matching(std::string_view range, std::span<const DataFormat> formats) {
  const bool whole = range == "*/*", any_subtype = range.ends_with("/*");
  for (const DataFormat format : formats) {
    for (const std::string_view type : names_of(format).media_types) {
      if (whole || type == range ||
          (any_subtype && type.starts_with(range.substr(0, range.size() - 1))))
        return format;
    }
  }
  return std::nullopt;
}

/// One type of an Accept header.
struct Wish {
  std::string type;  ///< with its parameters, but without the weight
  double weight = 1;
};

Wish parse_wish(std::string_view text) {
  Wish wish;
  for (const std::string_view part : split(text, ';')) {
    const std::size_t equals = part.find('=');
    if (equals != std::string_view::npos &&
        equal_ignoring_case(trim(part.substr(0, equals)), "q")) {
      const double weight = parse_double(trim(part.substr(equals + 1))).value_or(0);
      wish.weight = weight > 0 && weight <= 1 ? weight : 0;
      break;  // what follows the weight is no part of the type
    }
    if (!wish.type.empty()) wish.type += ';';
    wish.type += part;
  }
  return wish;
}

}  // namespace

ContentType require_content_type(std::string_view text, std::span<const DataFormat> understood,
                                 std::string_view place) {
  const std::string type = media_type_of(text);
  if (type.find('*') != std::string::npos || !matching(type, understood))
    refuse(kUnsupportedMediaType, place, trim(text), understood);
  return parse_content_type(text, place);
}

ContentType choose_accepted(std::string_view accept, std::span<const DataFormat> offered,
                            std::string_view place) {
  std::vector<Wish> wishes;
  for (const std::string_view text : split(accept, ','))
    if (!trim(text).empty()) wishes.push_back(parse_wish(text));
  if (wishes.empty()) wishes.push_back({.type = "*/*"});
  std::stable_sort(wishes.begin(), wishes.end(),
                   [](const Wish& a, const Wish& b) { return a.weight > b.weight; });
  for (const Wish& wish : wishes) {
    const std::string type = media_type_of(wish.type);
    const std::optional<DataFormat> format = matching(type, offered);
    if (!format || wish.weight == 0) continue;
    if (type.find('*') == std::string::npos) return parse_content_type(wish.type, place);
    return parse_content_type(names_of(*format).media_types[0], place);
  }
  refuse(kNotAcceptable, place, trim(accept), offered);
}

}  // namespace millrace
