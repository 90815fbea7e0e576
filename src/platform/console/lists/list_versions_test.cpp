#include "platform/console/lists/list_versions.h"

#include <atomic>
#include <thread>

#include "core/base/text.h"
#include "platform/console/lists/list_api.h"
#include "platform/console/lists/lists_for_test.h"

namespace millrace::console {
namespace {

using records::Connection;
using records::ListSaveRow;
using records::ListTable;
using records::ListVersionRow;

constexpr const char* kRows = "0\t1\ta.jpg\n1\t1\tb.jpg\n2\t1\tc.jpg\n";

class ListVersionsTest : public ListFixture {
 protected:
  std::vector<ListVersionRow> history(std::int64_t list) {
    return records_.database().read(
        [&](Connection& connection) { return ListTable(connection).versions(list); });
  }
  std::vector<ListSaveRow> saves(std::int64_t list) {
    return records_.database().read(
        [&](Connection& connection) { return ListTable(connection).saves(list); });
  }
  [[nodiscard]] bool keeps_nothing() const {
    return std::filesystem::is_empty(records_.directory() / "lists");
  }
};

TEST_F(ListVersionsTest, ASaveIsOneVersionWhoeverLooksMeanwhile) {
  put("a.lst", kRows);
  Asked opened("ana");
  const std::int64_t list = versions_.at(opened.call, place("a.lst")).list.id;
  constexpr int kSaves = 40;
  std::atomic<bool> done{false};
  std::vector<std::thread> lookers;
  for (int i = 0; i < 3; ++i) {
    lookers.emplace_back([&] {
      while (!done) {
        Asked look("bo");
        versions_.of(look.call, list);
      }
    });
  }
  for (int i = 0; i < kSaves; ++i) {
    Asked save("ana");
    versions_.save(save.call, versions_.of(save.call, list),
                   "0\t" + std::to_string(i + 2) + "\ta.jpg\n", "save " + std::to_string(i));
  }
  done = true;
  for (std::thread& looker : lookers) looker.join();
  const auto versions = history(list);
  ASSERT_EQ(versions.size(), std::size_t{kSaves} + 1);
  for (std::size_t i = 0; i < kSaves; ++i) {
    EXPECT_EQ(versions[i].author, "ana");
    EXPECT_EQ(versions[i].message, "save " + std::to_string(kSaves - 1 - i));
  }
}

TEST_F(ListVersionsTest, ASaveThatTheDaemonDidNotLiveToRecordIsItsAuthorsStill) {
  put("a.lst", kRows);
  Asked opened("ana");
  const std::int64_t list = versions_.at(opened.call, place("a.lst")).list.id;
  const std::string bytes = "0\t7\ta.jpg\n";
  const std::string hash = contents_.keep(bytes, "a.lst")->hash;
  records_.database().write([&](Connection& transaction) {
    ListTable(transaction)
        .add_save({.id = "s",
                   .list = list,
                   .content = hash,
                   .author = "ana",
                   .message = "seven",
                   .created_at = now(),
                   .document = R"({"Rows":1})"});
  });
  put("a.lst", bytes);
  ListVersions restarted(records_.database(), files_, contents_,
                         [](const auto&, const auto&, const auto&) { return true; });
  Asked look("bo");
  const ListVersionRow version = restarted.of(look.call, list).version;
  EXPECT_EQ(version.author, "ana");
  EXPECT_EQ(version.message, "seven");
  EXPECT_EQ(history(list).size(), 2U);
  EXPECT_TRUE(saves(list).empty());
}

TEST_F(ListVersionsTest, AFileThatIsNoListLeavesNothingBehind) {
  put("a.lst", "no list at all\n");
  Asked open("ana");
  EXPECT_THROW(versions_.at(open.call, place("a.lst")), Error);
  EXPECT_TRUE(keeps_nothing());
  records_.database().read([&](Connection& connection) {
    EXPECT_FALSE(ListTable(connection).find(kAccount, place("a.lst")));
  });
}

TEST_F(ListVersionsTest, AListThatCannotBeWrittenHasNoVersionMore) {
  put("a.lst", kRows);
  Asked save("ana");
  const auto current = versions_.at(save.call, place("a.lst"));
  put("a.lst", "0\t5\ta.jpg\n");
  EXPECT_THROW(versions_.save(save.call, current, "0\t6\ta.jpg\n", ""), Error);
  EXPECT_EQ(text_of("a.lst"), "0\t5\ta.jpg\n");
  EXPECT_TRUE(saves(current.list.id).empty());
  EXPECT_EQ(history(current.list.id).size(), 1U);
}

TEST_F(ListVersionsTest, ACopyIsMadeWhereNothingIsAndNowhereElse) {
  put("taken.lst", kRows);
  Asked copy("ana");
  EXPECT_THROW(versions_.create(copy.call, place("taken.lst"), "0\t6\ta.jpg\n", ""), Error);
  EXPECT_EQ(text_of("taken.lst"), kRows);
  records_.database().read([&](Connection& connection) {
    EXPECT_FALSE(ListTable(connection).find(kAccount, place("taken.lst")));
  });
  const auto made = versions_.create(copy.call, place("new.lst"), "0\t6\ta.jpg\n", "mine");
  EXPECT_EQ(made.version.author, "ana");
  EXPECT_EQ(made.version.message, "mine");
  EXPECT_EQ(text_of("new.lst"), "0\t6\ta.jpg\n");
}

/// A list with a draft, whose file goes or is overwritten.
class LostListTest : public ListVersionsTest {
 protected:
  LostListTest() {
    put("a.lst", kRows);
    Asked open("ana");
    list_ = std::to_string(versions_.at(open.call, place("a.lst")).list.id);
    Asked begin("ana", {list_});
    draft_ = answer(drafts_.begin(begin.call))["Id"];
  }

  /// What an author does when the file is lost: looks, goes on, takes a copy, restores.
  void all_is_at_hand() {
    Asked edit("ana", {draft_},
               {{"Edits", Json::array({{{"Do", "remove"}, {"Paths", Json::array({"b.jpg"})}}})}});
    EXPECT_EQ(answer(drafts_.edit(edit.call))["Rows"], 2);
    Asked mine("ana", {list_});
    EXPECT_EQ(answer(drafts_.mine(mine.call))["Drafts"].size(), 1U);
    Asked copy("ana", {draft_}, {{"Place", place("copy.lst")}});
    drafts_.copy(copy.call);
    EXPECT_EQ(text_of("copy.lst"), "0\t1\ta.jpg\n2\t1\tc.jpg\n");
    Asked history("ana", {list_});
    EXPECT_EQ(answer(lists_.history(history.call))["Versions"].size(), 1U);
    Asked text("ana", {list_ + "@1"});
    EXPECT_EQ(std::get<std::string>(lists_.text(text.call).body), kRows);
    Asked now("ana", {list_});
    EXPECT_THROW(lists_.rows(now.call), Error);
    Asked restore("ana", {list_ + "@1"});
    EXPECT_EQ(answer(lists_.restore(restore.call))["Version"]["Number"], 2);
    EXPECT_EQ(text_of("a.lst"), kRows);
    Asked discard("ana", {draft_});
    drafts_.discard(discard.call);
  }

  ListApi lists_{versions_, pages_};
  std::string list_;
  std::string draft_;
};

TEST_F(LostListTest, ADeletedListIsAtHandAndRestored) {
  std::filesystem::remove(root() / "a.lst");
  all_is_at_hand();
}

TEST_F(LostListTest, AnOverwrittenListIsAtHandAndRestored) {
  put("a.lst", "no list at all\n");
  all_is_at_hand();
}

TEST_F(LostListTest, IsNotForWhoeverMayNotReadIt) {
  std::filesystem::remove(root() / "a.lst");
  readable_ = false;
  Asked history("bo", {list_});
  EXPECT_THROW(lists_.history(history.call), Error);
  Asked one("ana", {draft_});
  EXPECT_THROW(drafts_.one(one.call), Error);
  Asked text("bo", {list_ + "@1"});
  EXPECT_THROW(lists_.text(text.call), Error);
}

TEST_F(ListVersionsTest, AnUneditedDraftCountsWithTheVersionItBeganAt) {
  std::string rows;
  for (int i = 0; i < 100; ++i)
    rows += std::to_string(i) + "\t1\t" + std::string(1000, 'x') + std::to_string(i) + "\n";
  put("a.lst", rows);
  Asked open("ana");
  const std::int64_t list = versions_.at(open.call, place("a.lst")).list.id;
  DraftApi drafts(versions_, pages_, 3 * rows.size());
  for (int i = 0; i < 5; ++i) {
    Asked begin("ana", {std::to_string(list)});
    drafts.begin(begin.call);
  }
  EXPECT_GT(drafts.kept_bytes(), 2 * rows.size());
  EXPECT_LE(drafts.kept_bytes(), 3 * rows.size());
}

TEST(ListContents, KeepsParsedWhatFitsAndTheLastOne) {
  const records::TemporaryDatabase records;
  ListContents contents(records.directory() / "lists", 1000);
  std::string rows;
  for (int i = 0; i < 10; ++i) rows += std::to_string(i) + "\t1\t" + std::to_string(i) + ".jpg\n";
  const std::string hash = contents.keep(rows, "a.lst")->hash;
  EXPECT_GT(contents.get(hash, "a.lst")->bytes, rows.size());
  for (int i = 0; i < 20; ++i) contents.keep(rows + "10\t" + std::to_string(i) + "\tx.jpg\n", "b");
  EXPECT_LE(contents.kept_bytes(), 1000U + contents.get(hash, "a.lst")->bytes);
  EXPECT_EQ(contents.bytes(hash), rows);
}

}  // namespace
}  // namespace millrace::console
