#include "core/lists/query.h"

#include <algorithm>
#include <iterator>

#include "core/data/detection_labels.h"
#include "core/lists/glob.h"
#include "core/lists/query_tree.h"

namespace millrace::lists {
namespace {

using Node = Query::Node;

bool compare_number(const QueryTest& test, double value) {
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

bool compare_text(const QueryTest& test, std::string_view value) {
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

bool any_class(const QueryTest& test, const LstRow& row, Form form) {
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

bool holds(const QueryTest& test, const LstRow& row, Form form) {
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
  query.root_ = parse_query(text, origin);
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
