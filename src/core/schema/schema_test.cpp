#include "core/schema/schema.h"

#include <gtest/gtest.h>

namespace millrace {
namespace {

enum class Colour { Red, Blue };

struct Paint {
  std::int64_t coats = 2;
  double gloss = 0.5;
  Colour colour{};
  std::optional<std::int64_t> layers;
  std::vector<std::int64_t> steps;
};

const Schema<Paint>& schema() {
  static const Schema<Paint> schema =
      Schema<Paint>("paint")
          .number("coats", &Paint::coats, at_least(1), "How often.", Tunable(1, 8))
          .number("gloss", &Paint::gloss, between(0, 1), "How shiny.")
          .choice("colour", &Paint::colour, {{"red", Colour::Red}, {"blue", Colour::Blue}},
                  "Which colour.", Required)
          .number("layers", &Paint::layers, above(0), "Layers below the paint.")
          .text("steps", &Paint::steps,
                {.expects = "a single digit",
                 .parse = [](std::string_view text) -> std::optional<std::vector<std::int64_t>> {
                   if (text.size() != 1) return std::nullopt;
                   return std::vector<std::int64_t>{text[0] - '0'};
                 },
                 .format =
                     [](const std::vector<std::int64_t>& steps) {
                       return steps.empty() ? "" : std::to_string(steps[0]);
                     }},
                "When.")
          .rule([](const Paint& paint) -> std::optional<Problem> {
            if (paint.coats < 10 || paint.gloss > 0) return std::nullopt;
            return Problem{.where = "hyperparameter 'coats'",
                           .given = "10",
                           .expected = "fewer coats without gloss",
                           .fix = {}};
          });
  return schema;
}

std::string refusal(const std::map<std::string, std::string>& values) {
  try {
    (void)schema().parse(values);
  } catch (const Error& error) {
    EXPECT_EQ(error.blame(), Blame::Customer);
    return error.what();
  }
  return "accepted";
}

TEST(Schema, DefaultsAreTheMembersOwnInitialisers) {
  const Paint paint = schema().parse({{"colour", "blue"}});
  EXPECT_EQ(paint.coats, 2);
  EXPECT_EQ(paint.gloss, 0.5);
  EXPECT_EQ(paint.colour, Colour::Blue);
  EXPECT_FALSE(paint.layers);
  EXPECT_EQ(schema().fields()[0].default_text, "2");
  EXPECT_FALSE(schema().fields()[3].default_text);
}

TEST(Schema, ValuesMayArriveWithJsonQuotes) {
  EXPECT_EQ(schema().parse({{"colour", "\"red\""}, {"coats", "\"30\""}}).coats, 30);
  EXPECT_EQ(schema().parse({{"colour", "red"}, {"coats", "30"}}).coats, 30);
}

TEST(Schema, EveryProblemIsReportedAtOnce) {
  EXPECT_EQ(
      refusal({{"coat", "3"}, {"gloss", "2"}, {"layers", "0"}, {"steps", "12"}}),
      "hyperparameter 'coat': got \"3\", expected a hyperparameter of paint. Did you mean "
      "'coats'?; "
      "hyperparameter 'colour': expected one of 'red', 'blue'. Set it: Which colour.; "
      "hyperparameter 'gloss': got \"2\", expected a number from 0 to 1. Leave it out to use 0.5.; "
      "hyperparameter 'layers': got \"0\", expected a whole number above 0. Leave it out if it is "
      "not needed.; "
      "hyperparameter 'steps': got \"12\", expected a single digit. Leave it out if it is not "
      "needed.");
}

TEST(Schema, NumbersOfTheWrongKindAreRefused) {
  for (const char* value : {"ten", "", "1.5", "0", "99999999999999999999"}) {
    EXPECT_EQ(refusal({{"colour", "red"}, {"coats", value}}).find("hyperparameter 'coats': "), 0U)
        << value;
  }
  EXPECT_NE(refusal({{"colour", "red"}, {"gloss", "nan"}}), "accepted");
}

TEST(Schema, RulesSeeTheWholeStruct) {
  EXPECT_EQ(refusal({{"colour", "red"}, {"coats", "10"}, {"gloss", "0"}}),
            "hyperparameter 'coats': got \"10\", expected fewer coats without gloss.");
}

TEST(Schema, NamesThatBeginWithAnUnderscoreAreAcceptedEverywhere) {
  EXPECT_EQ(refusal({{"colour", "red"},
                     {"_tuning_objective_metric", "validation:accuracy"},
                     {"_kvstore", "dist_sync"}}),
            "accepted");
}

struct Oven {
  std::optional<double> heat;
  double share = 0.5;
};

TEST(Schema, AutoLeavesANumberToTheAlgorithm) {
  const auto schema = Schema<Oven>("oven").number("heat", &Oven::heat, above(0), "How hot.", Auto);
  EXPECT_FALSE(schema.parse({}).heat);
  EXPECT_FALSE(schema.parse({{"heat", "auto"}}).heat);
  EXPECT_EQ(schema.parse({{"heat", "3"}}).heat, 3);
  EXPECT_EQ(schema.fields()[0].default_text, "auto");
  EXPECT_EQ(schema.fields()[0].expects, "'auto' or a number above 0");
  EXPECT_TRUE(field_from_json(to_json(schema.fields()[0]), "test").takes_auto);
}

TEST(Schema, ARangeMayLeaveOutItsEnds) {
  const auto schema =
      Schema<Oven>("oven").number("share", &Oven::share, inside_of(0, 1), "Which part.");
  EXPECT_EQ(schema.fields()[0].expects, "a number above 0 and below 1");
  EXPECT_FALSE(check_value(schema.fields()[0], "0.5"));
  EXPECT_TRUE(check_value(schema.fields()[0], "0"));
  EXPECT_TRUE(check_value(schema.fields()[0], "1"));
}

TEST(Schema, AFieldSurvivesTheTripThroughJson) {
  for (const FieldSpec& field : schema().fields()) {
    const FieldSpec back = field_from_json(to_json(field), "test");
    EXPECT_EQ(to_json(back), to_json(field)) << field.name;
  }
  EXPECT_EQ(
      to_json(schema().fields()[0]).dump(),
      R"({"name":"coats","type":"Integer","default":"2","required":false,"tunable":true,"range":{"min":1},)"
      R"("doc":"How often.","expects":"a whole number of at least 1","tunable_range":{"min":1,"max":8}})");
}

TEST(Schema, NumbersAreShownAsPeopleWriteThem) {
  EXPECT_EQ(plain_number(0.0001), "0.0001");
  EXPECT_EQ(plain_number(1e-8), "1e-08");
  EXPECT_EQ(plain_number(1e6), "1000000");
  EXPECT_EQ(plain_number(0), "0");
  EXPECT_EQ(expected_number(FieldType::Integer, between(1, 1e6)),
            "a whole number from 1 to 1000000");
}

TEST(Schema, EffectiveValuesAreTextAgain) {
  const auto values = schema().values_of(schema().parse({{"colour", "red"}, {"gloss", "0.25"}}));
  EXPECT_EQ(values.at("gloss"), "0.25");
  EXPECT_EQ(values.at("colour"), "red");
  EXPECT_FALSE(values.contains("layers"));
}

}  // namespace
}  // namespace millrace
