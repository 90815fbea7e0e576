#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include "core/base/refuse.h"
#include "core/base/text.h"
#include "core/lists/query_tokens.h"
#include "core/lists/query_tree.h"

namespace millrace::lists {
namespace {

using Node = Query::Node;

struct FieldName {
  std::string_view name;
  Field field;
};
constexpr FieldName kFields[] = {
    {"index", Field::Index},   {"line", Field::Line},     {"label", Field::Label},
    {"labels", Field::Labels}, {"class", Field::Class},   {"boxes", Field::Boxes},
    {"path", Field::Path},     {"folder", Field::Folder}, {"name", Field::Name}};

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

/// Recursive descent; each function takes one rule of the grammar.
class Parser {
 public:
  Parser(std::string_view text, std::string_view origin) : tokens_(text, origin) {}

  std::unique_ptr<Node> query() {
    std::unique_ptr<Node> root = either(0);
    if (tokens_.now().kind != QueryToken::Kind::End) tokens_.refuse_token("`and`, `or` or the end");
    return root;
  }

 private:
  std::unique_ptr<Node> either(int depth) {
    return joined(Node::Kind::Or, "or", [&] { return both(depth); });
  }
  std::unique_ptr<Node> both(int depth) {
    return joined(Node::Kind::And, "and", [&] { return one(depth); });
  }

  template <class Part>
  std::unique_ptr<Node> joined(Node::Kind kind, std::string_view word, const Part& part) {
    std::unique_ptr<Node> first = part();
    if (!tokens_.take_word(word)) return first;
    auto node = std::make_unique<Node>();
    node->kind = kind;
    node->parts.push_back(std::move(first));
    do node->parts.push_back(part());
    while (tokens_.take_word(word));
    return node;
  }

  std::unique_ptr<Node> one(int depth) {
    if (depth > Query::kMaxDepth) {
      tokens_.refuse_token("at most " + std::to_string(Query::kMaxDepth) +
                           " brackets inside each other");
    }
    if (tokens_.take_word("not")) {
      auto node = std::make_unique<Node>();
      node->kind = Node::Kind::Not;
      node->parts.push_back(one(depth + 1));
      return node;
    }
    if (tokens_.take_sign("(")) {
      std::unique_ptr<Node> inner = either(depth + 1);
      if (!tokens_.take_sign(")")) tokens_.refuse_token("`)`");
      return inner;
    }
    auto node = std::make_unique<Node>();
    node->kind = Node::Kind::Test;
    node->test = test();
    return node;
  }

  QueryTest test() {
    QueryTest test;
    take_field(test);
    take_compare(test);
    if (test.compare != Compare::In) {
      take_value(test);
      return test;
    }
    if (!tokens_.take_sign("(")) tokens_.refuse_token("`(` and the values of `in`");
    do take_value(test);
    while (tokens_.take_sign(","));
    if (!tokens_.take_sign(")")) tokens_.refuse_token("`,` or `)`");
    return test;
  }

  void take_field(QueryTest& test) {
    std::vector<std::string> known;
    for (const FieldName& field : kFields) {
      if (tokens_.now().kind == QueryToken::Kind::Word &&
          equal_ignoring_case(tokens_.now().text, field.name)) {
        test.field = field.field;
        tokens_.advance();
        return;
      }
      known.emplace_back(field.name);
    }
    const std::string word = to_lower(tokens_.now().text);
    if (tokens_.now().kind == QueryToken::Kind::Word && word.starts_with("label[") &&
        word.ends_with(']')) {
      const auto column = parse_int(std::string_view(word).substr(6, word.size() - 7));
      if (!column || *column < 0) tokens_.refuse_token("label[N], N the label column from 0");
      test.field = Field::LabelAt;
      test.column = static_cast<std::size_t>(*column);
      tokens_.advance();
      return;
    }
    const auto meant =
        tokens_.now().kind == QueryToken::Kind::Word ? nearest(word, known) : std::nullopt;
    tokens_.refuse_token("one of " + join(known, ", ") + ", label[N]",
                         meant ? "Did you mean " + *meant + "?" : "");
  }

  void take_compare(QueryTest& test) {
    if (tokens_.take_word("in")) {
      test.compare = Compare::In;
      return;
    }
    const std::string expected =
        is_text(test.field) ? "=, !=, ~, !~ or in" : "=, !=, <, <=, >, >= or in";
    for (const CompareSign& sign : kCompareSigns) {
      if (tokens_.now().kind != QueryToken::Kind::Sign || tokens_.now().text != sign.text) continue;
      const bool pattern = sign.compare == Compare::Like || sign.compare == Compare::Unlike;
      const bool equality = sign.compare == Compare::Equal || sign.compare == Compare::Unequal;
      if (!equality && pattern != is_text(test.field)) tokens_.refuse_token(expected);
      test.compare = sign.compare;
      tokens_.advance();
      return;
    }
    tokens_.refuse_token(expected);
  }

  void take_value(QueryTest& test) {
    if (tokens_.now().kind != QueryToken::Kind::Word &&
        tokens_.now().kind != QueryToken::Kind::Quoted)
      tokens_.refuse_token(is_text(test.field) ? "a text" : "a number");
    if (is_text(test.field)) {
      test.texts.emplace_back(tokens_.now().text);
    } else {
      const std::optional<double> number = parse_double(tokens_.now().text);
      if (!number)
        tokens_.refuse_token("a number", "Classes are numbers in a list; paths are texts.");
      test.numbers.push_back(is_label(test.field) ? narrowed(*number) : *number);
    }
    tokens_.advance();
  }

  QueryTokens tokens_;
};

}  // namespace

std::unique_ptr<Query::Node> parse_query(std::string_view text, std::string_view origin) {
  if (text.size() > Query::kMaxBytes) {
    refuse(std::string(origin), std::to_string(text.size()) + " bytes",
           "a query of at most " + std::to_string(Query::kMaxBytes) + " bytes");
  }
  return Parser(text, origin).query();
}

}  // namespace millrace::lists
