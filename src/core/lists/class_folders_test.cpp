#include "core/lists/class_folders.h"

#include <gmock/gmock.h>

#include "core/lists/rows_for_test.h"

namespace millrace::lists {
namespace {

using ::testing::HasSubstr;

TEST(ClassFolders, TheClassIsTheFirstFolderOrTheLast) {
  EXPECT_EQ(class_folder("cats/big/1.jpg", ClassFolder::First), "cats");
  EXPECT_EQ(class_folder("cats/big/1.jpg", ClassFolder::Last), "cats/big");
  EXPECT_EQ(class_folder("1.jpg", ClassFolder::First), "");
}

TEST(ClassFolders, NumbersStandForThemselvesAndOthersAreCounted) {
  EXPECT_EQ(number_classes({"dogs", "cats", "dogs"}), (ClassNames{{"cats", 0}, {"dogs", 1}}));
  EXPECT_EQ(number_classes({"7", "0", "10"}), (ClassNames{{"0", 0}, {"10", 10}, {"7", 7}}));
  EXPECT_EQ(number_classes({"7", "x"}), (ClassNames{{"7", 0}, {"x", 1}}));
  EXPECT_EQ(number_classes({"7", "007"}), (ClassNames{{"007", 0}, {"7", 1}}));
  // As labels, which are float32, these two would be one.
  EXPECT_EQ(number_classes({"16777217", "16777216"}),
            (ClassNames{{"16777216", 0}, {"16777217", 1}}));
}

TEST(ClassFolders, AClassFileIsReadAsItWasWritten) {
  const ClassNames names = {{"cats and dogs", 0}, {"owls", 5}};
  EXPECT_EQ(format_class_names(names), "0\tcats and dogs\n5\towls\n");
  EXPECT_EQ(parse_class_names(format_class_names(names), "c.txt"), names);
  EXPECT_EQ(parse_class_names("# names\nowls\r\n\ncats\n", "c.txt"),
            (ClassNames{{"owls", 0}, {"cats", 1}}));
}

TEST(ClassFolders, MistakesOfAClassFileAreToldByLine) {
  const auto told = [](std::string_view text) {
    return refusal_of([&] { return parse_class_names(text, "c.txt"); });
  };
  EXPECT_THAT(told("0\ta\nb\n"), HasSubstr("c.txt, line 2: got \"b\", expected label, tab, name"));
  EXPECT_THAT(told("0\ta\n0\tb\n"), HasSubstr("line 2: got \"0\", expected a label that no other"));
  EXPECT_THAT(told("a\na\n"), HasSubstr("expected a name that no other class has"));
  EXPECT_THAT(told("-1\ta\n"), HasSubstr("expected a label, a whole number"));
  EXPECT_THAT(told("16777217\ta\n"), HasSubstr("a whole number from 0 to 16777216"));
}

}  // namespace
}  // namespace millrace::lists
