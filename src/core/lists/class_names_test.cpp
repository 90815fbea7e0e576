#include "core/lists/class_names.h"

#include <gmock/gmock.h>

#include "core/lists/rows_for_test.h"

namespace millrace::lists {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

TEST(ClassNames, AClassIsCalledByTheFolderThatMostOfItsPicturesLieIn) {
  const List list = list_of("0 0 in/cat/1;1 0 in/cat/2;2 0 in/dog/9;3 1 in/dog/3");
  EXPECT_THAT(class_names(list.rows()), ElementsAre(Pair(0, "cat"), Pair(1, "dog")));
}

TEST(ClassNames, AClassFarDownInTheListHasItsNameToo) {
  std::string text;
  for (int i = 0; i < 20'000; ++i) text += std::to_string(i) + " 0 cat/" + std::to_string(i) + ";";
  const List list = list_of(text + "20000 7 dog/1");
  EXPECT_THAT(class_names(list.rows()), ElementsAre(Pair(0, "cat"), Pair(7, "dog")));
}

TEST(ClassNames, AClassWithoutAFolderOfItsOwnHasNoName) {
  EXPECT_THAT(class_names(list_of("0 0 a/1;1 0 b/2").rows()), IsEmpty()) << "anywhere";
  EXPECT_THAT(class_names(list_of("0 0 all/1;1 1 all/2").rows()), IsEmpty()) << "shared";
  EXPECT_THAT(class_names(list_of("0 0 1.jpg").rows()), IsEmpty()) << "none";
  EXPECT_THAT(class_names(list_of("0 7 7/1").rows()), IsEmpty()) << "its number";
  EXPECT_THAT(class_names(list_of("0 1 0 cat/1").rows()), IsEmpty()) << "several labels";
}

}  // namespace
}  // namespace millrace::lists
