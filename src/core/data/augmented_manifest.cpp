#include "core/data/augmented_manifest.h"

#include <algorithm>
#include <optional>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/json/json.h"

namespace millrace {
namespace {

constexpr std::string_view kSpace = " \t\r\n";

/// Walks the members of an object that is known to be valid JSON and yields the source text of
/// names and values, which a parsed document no longer has.
class MemberWalk {
 public:
  explicit MemberWalk(std::string_view object) : rest_(object) {
    skip_space();
    rest_.remove_prefix(1);  // {
  }

  struct Member {
    std::string_view name;  ///< with its quotes
    std::string_view value;
  };
  std::optional<Member> next() {
    skip_space();
    if (rest_.front() == ',') rest_.remove_prefix(1);
    skip_space();
    if (rest_.front() == '}') return std::nullopt;
    Member member;
    member.name = take(string_length());
    skip_space();
    rest_.remove_prefix(1);  // :
    skip_space();
    member.value = take(value_length());
    return member;
  }

 private:
  void skip_space() {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(kSpace), rest_.size()));
  }

  std::string_view take(std::size_t length) {
    const std::string_view taken = rest_.substr(0, length);
    rest_.remove_prefix(length);
    return taken;
  }

  [[nodiscard]] std::size_t string_length(std::size_t begin = 0) const {
    std::size_t at = begin + 1;
    while (rest_[at] != '"') at += rest_[at] == '\\' ? 2 : 1;
    return at + 1 - begin;
  }

  [[nodiscard]] std::size_t value_length() const {
    if (rest_.front() == '"') return string_length();
    if (rest_.front() != '{' && rest_.front() != '[') return rest_.find_first_of(" \t\r\n,}");
    std::size_t depth = 0;
    for (std::size_t at = 0;; ++at) {
      const char c = rest_[at];
      if (c == '"') at += string_length(at) - 1;
      if (c == '{' || c == '[') ++depth;
      if ((c == '}' || c == ']') && --depth == 0) return at + 1;
    }
  }

  std::string_view rest_;
};

std::string unquoted(std::string_view text) {
  return Json::parse(text).get<std::string>();
}

}  // namespace

bool is_reference(std::string_view attribute) {
  return attribute.ends_with("-ref");
}

void check_image_and_label(const std::vector<std::string>& attributes, std::string_view where) {
  if (attributes.size() == 2 && is_reference(attributes[0]) && !is_reference(attributes[1])) return;
  throw Error(Blame::Customer,
              Problem{.where = std::string(where),
                      .given = join(attributes, ","),
                      .expected = "two attributes, the image's, whose name ends in -ref, and the "
                                  "label's, such as source-ref,class",
                      .fix = "Name them as the manifest does."});
}

std::vector<std::string> parse_manifest_line(std::string_view line,
                                             const std::vector<std::string>& attributes,
                                             std::string_view origin) {
  const Json document = parse_json(line, origin, {.max_bytes = kMaxManifestLineBytes});
  const auto refuse = [&](const std::string& attribute, std::string given, std::string expected) {
    throw Error(Blame::Customer,
                Problem{.where = std::string(origin) + ", attribute '" + attribute + "'",
                        .given = std::move(given),
                        .expected = std::move(expected),
                        .fix = "Attribute names are case-sensitive."});
  };
  if (!document.is_object()) {
    throw Error(Blame::Customer,
                Problem{.where = std::string(origin),
                        .given = to_text(document),
                        .expected = "one JSON object",
                        .fix = "An augmented manifest has one JSON object in every line."});
  }
  std::vector<std::optional<std::string_view>> found(attributes.size());
  MemberWalk walk(line);
  while (const auto member = walk.next()) {
    const std::string name = unquoted(member->name);
    for (std::size_t i = 0; i < attributes.size(); ++i) {
      if (attributes[i] == name) found[i] = member->value;
    }
  }
  std::vector<std::string> values;
  for (std::size_t i = 0; i < attributes.size(); ++i) {
    if (!found[i]) refuse(attributes[i], {}, "a value in every line");
    const std::string_view text = *found[i];
    const bool is_string = text.front() == '"';
    if (is_reference(attributes[i]) && !is_string) {
      refuse(attributes[i], std::string(text), "an S3 URI as text, because the name ends in -ref");
    }
    values.push_back(is_string ? unquoted(text) : std::string(text));
  }
  return values;
}

}  // namespace millrace
