#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "core/base/text.h"
#include "core/schema/field_spec.h"

namespace millrace {

/// Options of one declaration, in any order after the doc sentence.
struct RequiredTag {};
inline constexpr RequiredTag Required;
/// The member is a std::optional; "auto" leaves it empty.
struct AutoTag {};
inline constexpr AutoTag Auto;
/// A tuning job may search the field over this range (for choices: over all of them).
struct Tunable {
  Tunable() = default;
  Tunable(double min, double max) : range(between(min, max)) {}
  std::optional<Range> range;
};

/// How a FreeText field with a syntax of its own is read. `parse` returns nullopt for text it
/// refuses.
template <class T>
struct TextForm {
  std::string expects;  ///< completes "expected ..."
  std::function<std::optional<T>(std::string_view)> parse;
  std::function<std::string(const T&)> format;  ///< inverse of parse; shows the default
};

/// T of a member declared as T or as std::optional<T>.
template <class Member>
struct MemberValue {
  using type = Member;
};
template <class T>
struct MemberValue<std::optional<T>> {
  using type = T;
};

/// A struct of hyperparameters, declared once: parsing, refusal of what is unknown, missing or out
/// of range (all at once), defaults and the description others read all follow from it. Defaults
/// are H's member initialisers.
///
///     static const auto schema = Schema<H>("kmeans")
///         .number("k", &H::k, at_least(1), "Number of clusters.", Required)
///         .choice("init_method", &H::init, {{"random", Init::Random}, {"kmeans++",
///         Init::PlusPlus}}, "First centres.");
///     const H h = schema.parse({{"k", "10"}});
///
/// A member is T or std::optional<T>; an optional that is empty by default stays empty when the
/// value is left out.
template <class H>
class Schema {
  template <class Member>
  using Value = typename MemberValue<Member>::type;

 public:
  explicit Schema(std::string owner) : owner_(std::move(owner)) {}

  /// T is std::int64_t or double.
  template <class Member, class... Options>
  Schema& number(std::string name, Member H::*member, Range range, std::string doc,
                 Options... options) {
    using T = Value<Member>;
    static_assert(std::is_same_v<T, std::int64_t> || std::is_same_v<T, double>);
    FieldSpec field{.name = std::move(name), .doc = std::move(doc)};
    field.type = std::is_same_v<T, double> ? FieldType::Continuous : FieldType::Integer;
    field.range = range;
    field.expects = expected_number(field.type, range);
    return add<Member>(
        std::move(field), member,
        [](std::string_view text) -> std::optional<T> {
          if constexpr (std::is_same_v<T, double>)
            return parse_double(text);
          else
            return parse_int(text);
        },
        [](const T& value) {
          if constexpr (std::is_same_v<T, double>)
            return plain_number(value);
          else
            return std::to_string(value);
        },
        options...);
  }

  template <class Member, class... Options>
  Schema& choice(std::string name, Member H::*member,
                 std::vector<std::pair<std::string, Value<Member>>> choices, std::string doc,
                 Options... options) {
    using T = Value<Member>;
    FieldSpec field{.name = std::move(name), .doc = std::move(doc)};
    field.type = FieldType::Categorical;
    for (const auto& [text, value] : choices) {
      field.expects += (field.expects.empty() ? "one of '" : ", '") + text + "'";
      field.choices.push_back(text);
    }
    return add<Member>(
        std::move(field), member,
        [choices](std::string_view text) -> std::optional<T> {
          for (const auto& [known, value] : choices) {
            if (known == text) return value;
          }
          return std::nullopt;
        },
        [choices](const T& value) {
          for (const auto& [text, known] : choices) {
            if (known == value) return text;
          }
          return std::string();
        },
        options...);
  }

  template <class Member, class... Options>
  Schema& text(std::string name, Member H::*member, TextForm<Value<Member>> form, std::string doc,
               Options... options) {
    FieldSpec field{.name = std::move(name), .doc = std::move(doc)};
    field.type = FieldType::FreeText;
    field.expects = std::move(form.expects);
    return add<Member>(std::move(field), member, std::move(form.parse), std::move(form.format),
                       options...);
  }

  /// What no single field can say, such as "only with multi_label". Rules run once every field has
  /// been parsed.
  Schema& rule(std::function<std::optional<Problem>(const H&)> rule) {
    rules_.push_back(std::move(rule));
    return *this;
  }

  [[nodiscard]] const std::string& owner() const { return owner_; }
  [[nodiscard]] const std::vector<FieldSpec>& fields() const { return fields_; }

  /// Throws Error(Customer) with every problem of `values` at once.
  [[nodiscard]] H parse(const std::map<std::string, std::string>& values) const {
    std::vector<Problem> problems = check_values(owner_, fields_, values);
    H parsed{};
    for (std::size_t i = 0; i < fields_.size(); ++i) {
      const auto found = values.find(fields_[i].name);
      if (found == values.end() || check_value(fields_[i], found->second)) continue;
      if (!bindings_[i].set(parsed, unquoted(found->second))) {
        problems.push_back({.where = "hyperparameter '" + fields_[i].name + "'",
                            .given = found->second,
                            .expected = fields_[i].expects,
                            .fix = default_hint(fields_[i])});
      }
    }
    if (problems.empty()) {
      for (const auto& rule : rules_) {
        if (std::optional<Problem> problem = rule(parsed)) problems.push_back(*std::move(problem));
      }
    }
    if (!problems.empty()) throw Error(Blame::Customer, problems);
    return parsed;
  }

  /// Effective values by name, as text; fields that are unset are left out.
  [[nodiscard]] std::map<std::string, std::string> values_of(const H& parsed) const {
    std::map<std::string, std::string> values;
    for (std::size_t i = 0; i < fields_.size(); ++i) {
      if (std::optional<std::string> text = bindings_[i].get(parsed))
        values[fields_[i].name] = *std::move(text);
    }
    return values;
  }

 private:
  struct Binding {
    std::function<bool(H&, std::string_view)> set;  ///< false: the text was refused
    std::function<std::optional<std::string>(const H&)> get;
  };

  static void apply(FieldSpec& field, RequiredTag) { field.required = true; }
  static void apply(FieldSpec& field, AutoTag) {
    field.takes_auto = true;
    if (field.type == FieldType::Categorical) field.choices.emplace_back(kAuto);
    field.expects = "'" + std::string(kAuto) + "' or " + field.expects;
  }
  static void apply(FieldSpec& field, Tunable tunable) {
    field.tunable = true;
    field.tunable_range = tunable.range;
  }

  template <class Member, class... Options>
  Schema& add(FieldSpec field, Member H::*member,
              std::function<std::optional<Value<Member>>(std::string_view)> parse,
              std::function<std::string(const Value<Member>&)> format, Options... options) {
    (apply(field, options), ...);
    Binding binding;
    binding.set = [member, parse = std::move(parse), takes_auto = field.takes_auto](
                      H& target, std::string_view text) {
      if (takes_auto && text == kAuto) return true;
      std::optional<Value<Member>> value = parse(text);
      if (!value) return false;
      target.*member = *std::move(value);
      return true;
    };
    binding.get = [member,
                   format = std::move(format)](const H& source) -> std::optional<std::string> {
      if constexpr (std::is_same_v<Member, Value<Member>>) {
        return format(source.*member);
      } else {
        if (!(source.*member)) return std::nullopt;
        return format(*(source.*member));
      }
    };
    if (!field.required) field.default_text = binding.get(H{});
    if (field.takes_auto && !field.default_text) field.default_text = std::string(kAuto);
    fields_.push_back(std::move(field));
    bindings_.push_back(std::move(binding));
    return *this;
  }

  std::string owner_;
  std::vector<FieldSpec> fields_;
  std::vector<Binding> bindings_;
  std::vector<std::function<std::optional<Problem>(const H&)>> rules_;
};

}  // namespace millrace
