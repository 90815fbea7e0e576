#include "trainer/vision/attribute_label.h"

#include "core/base/error.h"
#include "core/base/text.h"

namespace millrace {
namespace {

float number_of(std::string_view text, const std::string& where, std::string_view fix) {
  std::string_view number = trim(text);
  if (number.size() >= 2 && number.front() == '"' && number.back() == '"')
    number = trim(number.substr(1, number.size() - 2));
  if (const std::optional<double> label = parse_double(number)) return static_cast<float>(*label);
  const bool several = number.starts_with('[');
  throw Error(
      Blame::Customer,
      Problem{.where = where,
              .given = std::string(text),
              .expected = several ? "one class number, because the model is not multi-label"
                                  : "the label of the image, a class number such as 0",
              .fix = several
                         ? "Let the attribute hold one class, such as 0, or set multi_label to 1 "
                           "in training."
                         : std::string(fix)});
}

}  // namespace

std::vector<float> classes_of_attribute(std::string_view text, const AttributeLabels& labels,
                                        const std::string& where, std::string_view fix) {
  if (!labels.multi_label) return {number_of(text, where, fix)};
  std::vector<float> classes;
  for (const std::int64_t c : parse_class_labels(text, labels.class_list, labels.classes, where))
    classes.push_back(static_cast<float>(c));
  return classes;
}

}  // namespace millrace
