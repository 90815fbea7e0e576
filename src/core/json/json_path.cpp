#include "core/json/json_path.h"

#include <algorithm>
#include <utility>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/json/json.h"

namespace millrace {
namespace {

constexpr std::size_t kShownBytes = 60;

bool ends_name(char c) {
  return c == '.' || c == '[' || c == ']' || c == '(' || c == ')' || c == '\'' || c == '"' ||
         c == ' ' || c == ',' || c == '*';
}

}  // namespace

class JsonPath::Parser {
 public:
  Parser(std::string_view text, std::string_view where) : text_(text), where_(where) {}

  std::vector<Step> steps() {
    if (!take('$')) refuse("'$', with which every path begins");
    std::vector<Step> steps;
    while (at_ < text_.size()) {
      if (take('.')) {
        if (peek() == '.') refuse("a name: recursive descent ('..') is not supported");
        // "$.['name']" is how Amazon's own page writes it.
        steps.push_back(take('[') ? brackets() : dotted());
      } else if (take('[')) {
        steps.push_back(brackets());
      } else {
        refuse("'.' or '['");
      }
    }
    return steps;
  }

 private:
  Step dotted() {
    if (take('*')) return All{};
    const std::size_t begin = at_;
    while (at_ < text_.size() && !ends_name(text_[at_])) ++at_;
    if (at_ == begin) refuse("the name of a member");
    if (peek() == '(') refuse("a name: functions are not supported");
    return Names{std::string(text_.substr(begin, at_ - begin))};
  }

  /// Behind the opening bracket, up to and with the closing one.
  Step brackets() {
    skip_spaces();
    if (peek() == '?' || peek() == '(')
      refuse("names or numbers: conditions and functions are not supported");
    Step step;
    if (take('*')) {
      step = All{};
    } else if (peek() == '\'' || peek() == '"') {
      step = names();
    } else {
      step = elements();
    }
    if (!take(']')) refuse("']'");
    return step;
  }

  Names names() {
    Names names;
    do {
      skip_spaces();
      names.push_back(quoted());
      skip_spaces();
    } while (take(','));
    return names;
  }

  std::string quoted() {
    const char quote = peek();
    if (quote != '\'' && quote != '"') refuse("a name in quotes");
    ++at_;
    std::string name;
    for (; at_ < text_.size() && text_[at_] != quote; ++at_) {
      if (text_[at_] == '\\' && at_ + 1 < text_.size()) ++at_;
      name += text_[at_];
    }
    if (!take(quote)) refuse("the name's closing quote");
    return name;
  }

  Elements elements() {
    Elements elements;
    do {
      skip_spaces();
      const std::optional<std::int64_t> begin = number();
      skip_spaces();
      if (take(':')) {
        skip_spaces();
        elements.emplace_back(Run{.begin = begin, .end = number()});
        skip_spaces();
        if (peek() == ':') refuse("',' or ']': steps of a run are not supported");
      } else if (begin) {
        elements.emplace_back(*begin);
      } else {
        refuse("a number, a run such as 1:3, a name in quotes or '*'");
      }
    } while (take(','));
    return elements;
  }

  std::optional<std::int64_t> number() {
    std::size_t end = at_;
    if (end < text_.size() && text_[end] == '-') ++end;
    while (end < text_.size() && text_[end] >= '0' && text_[end] <= '9') ++end;
    if (end == at_) return std::nullopt;
    const std::optional<std::int64_t> value = parse_int(text_.substr(at_, end - at_));
    if (!value) refuse("a whole number");
    at_ = end;
    return value;
  }

  /// NUL at the end, which no place in the grammar takes.
  [[nodiscard]] char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  bool take(char c) {
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  void skip_spaces() {
    while (peek() == ' ') ++at_;
  }

  [[noreturn]] void refuse(const std::string& expected) const {
    throw Error(Blame::Customer,
                Problem{.where = std::string(where_),
                        .given = std::string(text_),
                        .expected = "at character " + std::to_string(at_ + 1) + " " + expected,
                        .fix = "Write a JSONPath such as $[1:], $.features or $['id','name']."});
  }

  std::string_view text_;
  std::string_view where_;
  std::size_t at_ = 0;
};

JsonPath::JsonPath(std::string_view text, std::string_view where)
    : text_(text), steps_(Parser(text, where).steps()) {}

bool JsonPath::selects_columns() const {
  return steps_.empty() || (steps_.size() == 1 && !std::holds_alternative<Names>(steps_.front()));
}

bool JsonPath::selects_one() const {
  return std::all_of(steps_.begin(), steps_.end(), [&](const Step& step) {
    if (const auto* names = std::get_if<Names>(&step))
      return names->size() == 1 || &step == &steps_.back();
    const auto* elements = std::get_if<Elements>(&step);
    return elements != nullptr && elements->size() == 1 &&
           std::holds_alternative<std::int64_t>(elements->front());
  });
}

std::vector<std::size_t> JsonPath::places_of(const Elements& elements, std::size_t count,
                                             std::string_view place) const {
  const auto total = static_cast<std::int64_t>(count);
  const auto from_start = [&](std::int64_t place_given) {
    return place_given < 0 ? place_given + total : place_given;
  };
  std::vector<std::size_t> places;
  for (const Element& element : elements) {
    if (const auto* number = std::get_if<std::int64_t>(&element)) {
      const std::int64_t at = from_start(*number);
      if (at < 0 || at >= total) {
        throw Error(Blame::Customer, std::string(place) + ": " + text_ + " selects element " +
                                         std::to_string(*number) + ", and there are " +
                                         std::to_string(count) + ", counted from 0");
      }
      places.push_back(static_cast<std::size_t>(at));
      continue;
    }
    const Run& run = std::get<Run>(element);
    const std::int64_t begin =
        std::clamp<std::int64_t>(from_start(run.begin.value_or(0)), 0, total);
    const std::int64_t end =
        std::clamp<std::int64_t>(from_start(run.end.value_or(total)), 0, total);
    for (std::int64_t at = begin; at < end; ++at) places.push_back(static_cast<std::size_t>(at));
  }
  return places;
}

std::vector<std::size_t> JsonPath::select_columns(std::size_t columns,
                                                  std::string_view place) const {
  const auto* elements = steps_.empty() ? nullptr : std::get_if<Elements>(&steps_.front());
  const std::vector<std::size_t> found =
      places_of(elements != nullptr ? *elements : Elements{Run{}}, columns, place);
  if (found.empty()) {
    throw Error(Blame::Customer, std::string(place) + ": " + text_ + " selects none of the row's " +
                                     std::to_string(columns) + " columns");
  }
  return found;
}

/// One selection under way.
struct JsonPath::Search {
  const JsonPath& path;
  std::string_view place;
  std::vector<Json> found;

  /// `strict`: what is named has to be there.
  void look(const Json& node, std::size_t depth, bool strict) {
    if (depth == path.steps_.size()) {
      found.push_back(node);
      return;
    }
    const Step& step = path.steps_[depth];
    if (std::holds_alternative<All>(step)) {
      if (node.is_structured()) {
        for (const Json& child : node) look(child, depth + 1, false);
      } else if (strict) {
        refuse(node, "an object or an array");
      }
    } else if (const auto* names = std::get_if<Names>(&step)) {
      look_up(node, *names, depth, strict);
    } else if (node.is_array()) {
      const auto& elements = std::get<Elements>(step);
      const bool one =
          elements.size() == 1 && std::holds_alternative<std::int64_t>(elements.front());
      for (const std::size_t at : path.places_of(elements, node.size(), place))
        look(node[at], depth + 1, strict && one);
    } else if (strict) {
      refuse(node, "an array");
    }
  }

 private:
  void look_up(const Json& node, const Names& names, std::size_t depth, bool strict) {
    if (!node.is_object()) {
      if (strict) refuse(node, "an object");
      return;
    }
    const bool last = depth + 1 == path.steps_.size();
    if (names.size() > 1 && last) {
      Json members = Json::object();
      for (const std::string& name : names) {
        if (const auto member = node.find(name); member != node.end()) members[name] = *member;
      }
      found.push_back(std::move(members));
      return;
    }
    for (const std::string& name : names) {
      const auto member = node.find(name);
      if (member != node.end()) {
        look(*member, depth + 1, strict && names.size() == 1);
      } else if (strict && names.size() == 1) {
        throw Error(Blame::Customer, std::string(place) + ": there is no member '" +
                                         printable(name, kShownBytes) + "', which " + path.text_ +
                                         " selects");
      }
    }
  }

  [[noreturn]] void refuse(const Json& node, const char* expected) const {
    throw Error(Blame::Customer, std::string(place) + ": " + path.text_ + " needs " + expected +
                                     ", and there is " + printable(to_text(node), kShownBytes));
  }
};

Json JsonPath::select(const Json& document, std::string_view place) const {
  Search search{.path = *this, .place = place, .found = {}};
  search.look(document, 0, true);
  if (selects_one() && !search.found.empty()) return std::move(search.found.front());
  Json list = Json::array();
  for (Json& each : search.found) list.push_back(std::move(each));
  return list;
}

}  // namespace millrace
