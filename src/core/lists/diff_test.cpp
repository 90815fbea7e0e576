#include "core/lists/diff.h"

#include <gmock/gmock.h>

#include <map>
#include <random>

#include "core/lists/pairing.h"
#include "core/lists/rows_for_test.h"

namespace millrace::lists {
namespace {

/// "+d -a ~b": signs and paths of the changes, a row's later path where it has one.
std::string told(const char* before_text, const char* after_text) {
  const List before = list_of(before_text), after = list_of(after_text);
  std::string text;
  for (const Change& change : diff(before.rows(), after.rows()).changes) {
    text += text.empty() ? "" : " ";
    if (change.added()) text += '+';
    if (change.removed()) text += '-';
    if (change.relabelled) text += '~';
    if (change.moved) text += '>';
    if (change.replaced) text += '!';
    if (change.renumbered) text += '#';
    text += change.removed() ? change.before->path : change.after->path;
  }
  return text;
}

TEST(Diff, NamesWhatWasAddedRemovedRelabelledAndMoved) {
  EXPECT_EQ(told("0 1 a;1 2 b", "0 1 a;1 2 b"), "");
  EXPECT_EQ(told("0 1 a;1 2 b", "1 3 b;2 1 d"), "~b +d -a");
  EXPECT_EQ(told("0 1 cats/x.jpg;1 2 b", "0 1 dogs/x.jpg;1 2 b"), ">dogs/x.jpg");
  EXPECT_EQ(told("0 1 cats/x.jpg", "0 2 dogs/x.jpg"), "~>dogs/x.jpg");
  EXPECT_EQ(told("0 1 a;1 2 b", "5 1 a;1 2 b"), "#a");
  EXPECT_EQ(told("0 1 a", "0 1 b"), "!b");
  EXPECT_EQ(told("0 1 a", "0 1.0 a"), "");  // another spelling says the same
  EXPECT_EQ(told("", "0 1 a"), "+a");
}

TEST(Diff, AFileThatMovedIsKnownByItsNameOnlyWhereThatIsUnique) {
  EXPECT_EQ(told("0 1 cats/x.jpg;1 2 b", "1 2 b;9 1 dogs/x.jpg"), ">#dogs/x.jpg");
  // image_1.jpg of one class is not image_1.jpg of another.
  EXPECT_EQ(told("0 1 cats/x.jpg;1 2 owls/x.jpg", "1 2 owls/x.jpg;9 1 dogs/x.jpg"),
            "+dogs/x.jpg -cats/x.jpg");
}

TEST(Diff, APictureThatComesSeveralTimesIsPairedInOrder) {
  EXPECT_EQ(told("0 1 a;1 2 a", "0 1 a;1 3 a"), "~a");
  EXPECT_EQ(told("0 1 a;1 2 a;2 2 b", "0 1 a;2 2 b"), "-a");
  EXPECT_EQ(told("0 1 b;1 1 a", "0 1 a;1 1 a;2 1 b"), "#a +a #b");
}

TEST(Diff, AListOfOnePictureTakesNoLongerThanAnother) {
  std::string text, reversed;
  for (int i = 0; i < 50000; ++i) {
    text += std::to_string(i) + "\t1\ta\n";
    reversed += (i == 0 ? "7\t2\tfirst\n" : "") + std::to_string(i) + "\t1\ta\n";
  }
  const List before = List::parse(text + "8\t1\tlast\n", "a"), after = List::parse(reversed, "b");
  const Diff result = diff(before.rows(), after.rows());
  EXPECT_EQ(result.counts.unchanged, 50000);
  EXPECT_EQ(result.counts.added, 1);
  EXPECT_EQ(result.counts.removed, 1);
}

TEST(Diff, CountsTheFewestRowsThatStandElsewhere) {
  const auto reordered = [](const char* before_text, const char* after_text) {
    const List before = list_of(before_text), after = list_of(after_text);
    return diff(before.rows(), after.rows()).counts.reordered;
  };
  EXPECT_EQ(reordered("0 1 a;1 1 b;2 1 c;3 1 d", "3 1 d;0 1 a;1 1 b;2 1 c"), 1);
  EXPECT_EQ(reordered("0 1 a;1 1 b;2 1 c", "2 1 c;1 1 b;0 1 a"), 2);
  EXPECT_EQ(reordered("0 1 a;1 1 b", "0 1 a;9 1 x;1 1 b"), 0);
}

TEST(Diff, TellsWhichClassBecameWhich) {
  const List before = list_of("0 1 a;1 1 b;2 2 c"), after = list_of("0 5 a;1 5 b;2 1 c");
  const Diff result = diff(before.rows(), after.rows());
  EXPECT_EQ(result.relabelled,
            (std::map<std::pair<float, float>, std::int64_t>{{{1, 5}, 2}, {{2, 1}, 1}}));
}

/// The plainest way to pair by path, with a map, beside the table.
TEST(Diff, AgreesWithAMapOnRandomLists) {
  std::mt19937 numbers(7);
  for (int round = 0; round < 200; ++round) {
    const auto random_list = [&](const char* origin) {
      std::string text;
      const std::size_t rows = numbers() % 30;
      for (std::size_t i = 0; i < rows; ++i) {
        text += std::to_string(numbers()) + "\t" + std::to_string(numbers() % 3) + "\tf" +
                std::to_string(numbers() % 20) + "_" + origin[0] + "/p" +
                std::to_string(numbers() % 40) + "\n";
      }
      return List::parse(text, origin);
    };
    // Paths of the two sides meet in half of the names.
    const List before = random_list("same"), after = random_list(round % 2 ? "same" : "other");
    std::map<std::string_view, std::int64_t> times;
    for (const LstRow& row : before.rows()) ++times[row.path];
    std::int64_t common = 0;
    for (const LstRow& row : after.rows()) common += times[row.path]-- > 0;
    const Pairing pairing = pair_rows(before.rows(), after.rows());
    std::int64_t paired = 0;
    for (std::size_t i = 0; i < before.rows().size(); ++i) {
      const std::uint32_t to = pairing.after_of[i];
      if (to == kNoRow) continue;
      EXPECT_EQ(pairing.before_of[to], i);
      paired += before.rows()[i].path == after.rows()[to].path;
    }
    EXPECT_EQ(paired, common) << "round " << round;
  }
}

}  // namespace
}  // namespace millrace::lists
