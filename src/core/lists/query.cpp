#include "core/lists/query.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <optional>
#include <utility>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/data/detection_labels.h"
#include "core/lists/glob.h"

namespace millrace::lists {
namespace {

enum class Field { Index, Line, Label, LabelAt, Labels, Class, Boxes, Path, Folder, Name };
enum class Compare { Equal, Unequal, Less, AtMost, Greater, AtLeast, Like, Unlike, In };

struct FieldName {
  std::string_view name;
  Field field;
};
constexpr FieldName kFields[] = {
    {"index", Field::Index},   {"line", Field::Line},     {"label", Field::Label},
    {"labels", Field::Labels}, {"class", Field::Class},   {"boxes", Field::Boxes},
    {"path", Field::Path},     {"folder", Field::Folder}, {"name", Field::Name}};

struct CompareName {
  std::string_view name;
  Compare compare;
};
constexpr CompareName kCompares[] = {
    {"==", Compare::Equal},  {"=", Compare::Equal},   {"!=", Compare::Unequal},
    {"!~", Compare::Unlike}, {"<=", Compare::AtMost}, {">=", Compare::AtLeast},
    {"<", Compare::Less},    {">", Compare::Greater}, {"~", Compare::Like}};

bool is_text(Field field) {
  return field == Field::Path || field == Field::Folder || field == Field::Name;
}

bool is_label(Field field) {
  return field == Field::Label || field == Field::LabelAt || field == Field::Class;
}

/// Labels are float32: 0.1 in a query means the label that 0.1 in a list became.
double narrowed(double number) {
  if (std::abs(number) > static_cast<double>(std::numeric_limits<float>::max())) return number;
  return static_cast<double>(static_cast<float>(number));
}

struct Test {
  Field field{};
  std::size_t column = 0;  ///< of LabelAt
  Compare compare{};
  std::vector<std::string> texts;
  std::vector<double> numbers;
};

}  // namespace

struct Query::Node {
  enum class Kind { And, Or, Not, Test };
  Kind kind{};
  Test test;
  std::vector<std::unique_ptr<Node>> parts;
};

namespace {

using Node = Query::Node;

struct Token {
  enum class Kind { End, Word, Quoted, Sign };
  Kind kind = Kind::End;
  std::string_view text;
  std::size_t at = 0;  ///< byte, from 0
};

/// Recursive descent over `text`; each function takes one rule of the grammar.
class Parser {
 public:
  Parser(std::string_view text, std::string_view origin) : text_(text), origin_(origin) {
    if (text.size() > Query::kMaxBytes) {
      throw Error(Blame::Customer, std::string(origin) + ": longer than " +
                                       std::to_string(Query::kMaxBytes) + " bytes");
    }
    advance();
  }

  std::unique_ptr<Node> query() {
    std::unique_ptr<Node> root = either(0);
    if (token_.kind != Token::Kind::End) refuse("`and`, `or` or the end");
    return root;
  }

 private:
  [[noreturn]] void refuse(std::string expected, std::string fix = {}) const {
    throw Error(
        Blame::Customer,
        Problem{.where = std::string(origin_) + ", character " +
                         std::to_string(utf8_length(text_.substr(0, token_.at)) + 1),
                .given = token_.kind == Token::Kind::End ? "the end" : std::string(token_.text),
                .expected = std::move(expected),
                .fix = std::move(fix)});
  }

  void advance() {
    constexpr std::string_view kSpace = " \t\r\n";
    constexpr std::string_view kEndsWord = " \t\r\n(),=!<>~\"'";
    const std::size_t begin = std::min(text_.find_first_not_of(kSpace, end_), text_.size());
    token_ = {.kind = Token::Kind::End, .text = {}, .at = begin};
    end_ = begin;
    if (begin == text_.size()) return;
    const char first = text_[begin];
    if (first == '"' || first == '\'') {
      const std::size_t close = text_.find(first, begin + 1);
      token_ = {.kind = Token::Kind::Quoted, .text = text_.substr(begin, 1), .at = begin};
      if (close == std::string_view::npos) refuse("a closing quote");
      token_.text = text_.substr(begin + 1, close - begin - 1);
      end_ = close + 1;
      return;
    }
    token_.kind = Token::Kind::Sign;
    for (const CompareName& sign : kCompares) {
      if (!text_.substr(begin).starts_with(sign.name)) continue;
      token_.text = text_.substr(begin, sign.name.size());
      end_ = begin + sign.name.size();
      return;
    }
    if (kEndsWord.find(first) != std::string_view::npos) {
      token_.text = text_.substr(begin, 1);
      end_ = begin + 1;
      return;
    }
    token_.kind = Token::Kind::Word;
    end_ = std::min(text_.find_first_of(kEndsWord, begin), text_.size());
    token_.text = text_.substr(begin, end_ - begin);
  }

  bool take_word(std::string_view word) {
    if (token_.kind != Token::Kind::Word || !equal_ignoring_case(token_.text, word)) return false;
    advance();
    return true;
  }

  bool take_sign(std::string_view sign) {
    if (token_.kind != Token::Kind::Sign || token_.text != sign) return false;
    advance();
    return true;
  }

  std::unique_ptr<Node> either(int depth) {
    return joined(Node::Kind::Or, "or", [&] { return both(depth); });
  }
  std::unique_ptr<Node> both(int depth) {
    return joined(Node::Kind::And, "and", [&] { return one(depth); });
  }

  template <class Part>
  std::unique_ptr<Node> joined(Node::Kind kind, std::string_view word, const Part& part) {
    std::unique_ptr<Node> first = part();
    if (!take_word(word)) return first;
    auto node = std::make_unique<Node>();
    node->kind = kind;
    node->parts.push_back(std::move(first));
    do node->parts.push_back(part());
    while (take_word(word));
    return node;
  }

  std::unique_ptr<Node> one(int depth) {
    if (depth > Query::kMaxDepth) {
      refuse("at most " + std::to_string(Query::kMaxDepth) + " brackets inside each other");
    }
    if (take_word("not")) {
      auto node = std::make_unique<Node>();
      node->kind = Node::Kind::Not;
      node->parts.push_back(one(depth + 1));
      return node;
    }
    if (take_sign("(")) {
      std::unique_ptr<Node> inner = either(depth + 1);
      if (!take_sign(")")) refuse("`)`");
      return inner;
    }
    auto node = std::make_unique<Node>();
    node->kind = Node::Kind::Test;
    node->test = test();
    return node;
  }

  Test test() {
    Test test;
    take_field(test);
    take_compare(test);
    if (test.compare != Compare::In) {
      take_value(test);
      return test;
    }
    if (!take_sign("(")) refuse("`(` and the values of `in`");
    do take_value(test);
    while (take_sign(","));
    if (!take_sign(")")) refuse("`,` or `)`");
    return test;
  }

  void take_field(Test& test) {
    std::vector<std::string> known;
    for (const FieldName& field : kFields) {
      if (token_.kind == Token::Kind::Word && equal_ignoring_case(token_.text, field.name)) {
        test.field = field.field;
        advance();
        return;
      }
      known.emplace_back(field.name);
    }
    const std::string word = to_lower(token_.text);
    if (token_.kind == Token::Kind::Word && word.starts_with("label[") && word.ends_with(']')) {
      const auto column = parse_int(std::string_view(word).substr(6, word.size() - 7));
      if (!column || *column < 0) refuse("label[N], N the label column from 0");
      test.field = Field::LabelAt;
      test.column = static_cast<std::size_t>(*column);
      advance();
      return;
    }
    const auto meant = token_.kind == Token::Kind::Word ? nearest(word, known) : std::nullopt;
    refuse("one of " + join(known, ", ") + ", label[N]",
           meant ? "Did you mean " + *meant + "?" : "");
  }

  void take_compare(Test& test) {
    if (take_word("in")) {
      test.compare = Compare::In;
      return;
    }
    const std::string expected =
        is_text(test.field) ? "=, !=, ~, !~ or in" : "=, !=, <, <=, >, >= or in";
    for (const CompareName& sign : kCompares) {
      if (token_.kind != Token::Kind::Sign || token_.text != sign.name) continue;
      const bool pattern = sign.compare == Compare::Like || sign.compare == Compare::Unlike;
      const bool equality = sign.compare == Compare::Equal || sign.compare == Compare::Unequal;
      if (!equality && pattern != is_text(test.field)) refuse(expected);
      test.compare = sign.compare;
      advance();
      return;
    }
    refuse(expected);
  }

  void take_value(Test& test) {
    if (token_.kind != Token::Kind::Word && token_.kind != Token::Kind::Quoted)
      refuse(is_text(test.field) ? "a text" : "a number");
    if (is_text(test.field)) {
      test.texts.emplace_back(token_.text);
    } else {
      const std::optional<double> number = parse_double(token_.text);
      if (!number) refuse("a number", "Classes are numbers in a list; paths are texts.");
      test.numbers.push_back(is_label(test.field) ? narrowed(*number) : *number);
    }
    advance();
  }

  std::string_view text_;
  std::string_view origin_;
  std::size_t end_ = 0;  ///< of token_
  Token token_;
};

bool compare_number(const Test& test, double value) {
  const double with = test.numbers[0];
  switch (test.compare) {
    case Compare::Equal:
      return value == with;
    case Compare::Unequal:
      return value != with;
    case Compare::Less:
      return value < with;
    case Compare::AtMost:
      return value <= with;
    case Compare::Greater:
      return value > with;
    case Compare::AtLeast:
      return value >= with;
    default:
      return std::find(test.numbers.begin(), test.numbers.end(), value) != test.numbers.end();
  }
}

bool compare_text(const Test& test, std::string_view value) {
  switch (test.compare) {
    case Compare::Equal:
      return value == test.texts[0];
    case Compare::Unequal:
      return value != test.texts[0];
    case Compare::Like:
      return matches_glob(value, test.texts[0]);
    case Compare::Unlike:
      return !matches_glob(value, test.texts[0]);
    default:
      return std::find(test.texts.begin(), test.texts.end(), value) != test.texts.end();
  }
}

bool any_class(const Test& test, const LstRow& row, Form form) {
  // Labels that are no class ids, such as 0.5, are compared too where a row has just one.
  if (form == Form::Class) return compare_number(test, static_cast<double>(row.labels[0]));
  std::vector<std::int64_t> classes;
  classes_of(row, form, classes);
  return std::any_of(classes.begin(), classes.end(), [&](std::int64_t id) {
    return compare_number(test, static_cast<double>(id));
  });
}

double count_boxes(const LstRow& row, Form form) {
  if (form != Form::Detection) return 0;
  return static_cast<double>(DetectionLabels::parse(row.labels, row.path).objects());
}

bool holds(const Test& test, const LstRow& row, Form form) {
  const std::size_t slash = row.path.rfind('/');
  const std::size_t name = slash == std::string_view::npos ? 0 : slash + 1;
  switch (test.field) {
    case Field::Index:
      return compare_number(test, static_cast<double>(row.index));
    case Field::Line:
      return compare_number(test, static_cast<double>(row.line));
    case Field::Label:
      return row.labels.size() == 1 && compare_number(test, static_cast<double>(row.labels[0]));
    case Field::LabelAt:
      return test.column < row.labels.size() &&
             compare_number(test, static_cast<double>(row.labels[test.column]));
    case Field::Labels:
      return compare_number(test, static_cast<double>(row.labels.size()));
    case Field::Class:
      return any_class(test, row, form);
    case Field::Boxes:
      return compare_number(test, count_boxes(row, form));
    case Field::Path:
      return compare_text(test, row.path);
    case Field::Folder:
      return compare_text(test, row.path.substr(0, name == 0 ? 0 : name - 1));
    case Field::Name:
      return compare_text(test, row.path.substr(name));
  }
  return false;
}

bool holds(const Node& node, const LstRow& row, Form form) {
  const auto part = [&](const std::unique_ptr<Node>& inner) { return holds(*inner, row, form); };
  switch (node.kind) {
    case Node::Kind::And:
      return std::all_of(node.parts.begin(), node.parts.end(), part);
    case Node::Kind::Or:
      return std::any_of(node.parts.begin(), node.parts.end(), part);
    case Node::Kind::Not:
      return !part(node.parts[0]);
    case Node::Kind::Test:
      break;
  }
  return holds(node.test, row, form);
}

bool asks_for_label(const Node& node) {
  return (node.kind == Node::Kind::Test && node.test.field == Field::Label) ||
         std::any_of(node.parts.begin(), node.parts.end(),
                     [](const auto& part) { return asks_for_label(*part); });
}

}  // namespace

Query::Query() = default;
Query::~Query() = default;
Query::Query(Query&&) noexcept = default;
Query& Query::operator=(Query&&) noexcept = default;

Query Query::parse(std::string_view text, std::string_view origin) {
  Query query;
  query.root_ = Parser(text, origin).query();
  return query;
}

void Query::check(Form form, std::string_view list) const {
  if (root_ && asks_for_label(*root_)) {
    require_classes(form, list,
                    "Ask for label[N], a column, or for class, any of the row's classes, instead "
                    "of label.");
  }
}

bool Query::matches(const LstRow& row, Form form) const {
  return !root_ || holds(*root_, row, form);
}

std::vector<LstRow> select(std::span<const LstRow> rows, const Query& query,
                           std::string_view origin) {
  const Form form = form_of(rows);
  query.check(form, origin);
  std::vector<LstRow> selected;
  std::copy_if(rows.begin(), rows.end(), std::back_inserter(selected),
               [&](const LstRow& row) { return query.matches(row, form); });
  return selected;
}

}  // namespace millrace::lists
