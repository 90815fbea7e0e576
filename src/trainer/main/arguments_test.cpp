#include "trainer/main/arguments.h"

#include <gtest/gtest.h>

#include "core/base/error.h"

namespace millrace {
namespace {

const CommandSpec kCommand{
    .name = "evaluate",
    .summary = "Measures a model.",
    .example = "millrace-trainer evaluate --model model.tar.gz",
    .options = {{.name = "--model", .value = "FILE", .doc = "The model.", .required = true},
                {.name = "--json", .value = "FILE", .doc = "Figures.", .required = false}}};

std::string refusal(const std::vector<std::string_view>& words) {
  try {
    (void)parse_options(kCommand, words);
  } catch (const Error& error) {
    return error.what();
  }
  return "accepted";
}

TEST(Arguments, ValuesFollowOrAreJoinedByAnEqualsSign) {
  const auto values = parse_options(kCommand, {"--model", "a", "--json=b=c"});
  EXPECT_EQ(values.at("--model"), "a");
  EXPECT_EQ(values.at("--json"), "b=c");
}

TEST(Arguments, MistakesAreNamed) {
  EXPECT_EQ(
      refusal({"--modle", "a"}),
      "evaluate: got \"--modle\", expected an option: --model, --json. Did you mean '--model'?");
  EXPECT_EQ(refusal({"--model"}),
            "evaluate: got \"--model\", expected a value after --model. See 'evaluate --help'.");
  EXPECT_EQ(refusal({}), "evaluate: expected --model FILE. See 'evaluate --help'.");
  EXPECT_NE(refusal({"--model", "a", "--model", "b"}), "accepted");
  EXPECT_NE(refusal({"stray"}), "accepted");
}

TEST(Arguments, HelpTeachesByExample) {
  EXPECT_EQ(help_of("millrace-trainer", kCommand),
            "Measures a model.\n\nExample\n  millrace-trainer evaluate --model model.tar.gz\n\n"
            "Usage: millrace-trainer evaluate --model FILE [--json FILE]\n"
            "  --model FILE          The model.\n"
            "  --json FILE           Figures.\n");
}

}  // namespace
}  // namespace millrace
