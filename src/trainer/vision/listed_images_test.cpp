#include "trainer/vision/listed_images.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include "core/base/error.h"
#include "core/io/file.h"

namespace millrace {
namespace {

class Listed : public testing::Test {
 protected:
  Listed() {
    char name[] = "/tmp/millrace-listed-XXXXXX";
    paths_.base = ::mkdtemp(name);
    for (const char* image : {"cats/1.jpg", "cats/2.jpg", "dog.png"}) put("train", image, image);
  }
  ~Listed() override { std::filesystem::remove_all(paths_.base); }

  void put(const std::string& channel, const std::string& name, std::string_view text) const {
    const std::filesystem::path path = paths_.channel(channel) / name;
    std::filesystem::create_directories(path.parent_path());
    write_file_durably(path, text);
  }
  [[nodiscard]] Channel channel(const std::string& name) const {
    return {.name = name, .config = {.name = name, .input_mode = "File"}, .paths = paths_};
  }
  [[nodiscard]] ListedImages listed(std::string_view list) const {
    put("train_lst", "train.lst", list);
    return ListedImages(channel("train"), channel("train_lst"));
  }
  [[nodiscard]] std::string refusal(std::string_view list) const {
    try {
      (void)listed(list);
    } catch (const Error& error) {
      EXPECT_EQ(error.blame(), Blame::Customer);
      return error.what();
    }
    return "accepted";
  }

  ContractPaths paths_;
};

TEST_F(Listed, ImagesAreThoseOfTheListInItsOrder) {
  const ListedImages images = listed("5\t1\tdog.png\n3\t0\t./cats/2.jpg\r\n\n4\t0\tcats/1.jpg\n");
  ASSERT_EQ(images.count(), 3);
  std::string scratch;
  EXPECT_EQ(images.image(0, scratch), "dog.png");
  EXPECT_EQ(images.image(1, scratch), "cats/2.jpg");
  EXPECT_EQ(images.label(0), 1);
  EXPECT_EQ(images.bytes(), 27);
  EXPECT_EQ(images.name(2), "channel 'train', cats/1.jpg (train.lst, line 4)");
}

TEST_F(Listed, MissingFilesAreCountedAndTheFirstIsNamed) {
  EXPECT_EQ(refusal("0\t1\tdog.png\n1\t0\tcats/9.jpg\n2\t0\tcats\n3\t0\tbirds/1.jpg\n"),
            "channel 'train_lst', train.lst, line 2, column 3: got \"cats/9.jpg\", expected a file "
            "of channel 'train' (3 of the 4 listed are missing). Upload it below the channel's "
            "S3Uri, or take the line out; paths are relative to it.");
}

TEST_F(Listed, NoPathLeadsOutOfTheChannel) {
  put("other", "secret.png", "secret");
  std::filesystem::create_symlink("../other/secret.png", paths_.channel("train") / "link.png");
  std::filesystem::create_directory_symlink("../other", paths_.channel("train") / "folder");
  EXPECT_EQ(refusal("0\t1\t../other/secret.png\n"),
            "channel 'train_lst', train.lst, line 1, column 3: got \"../other/secret.png\", "
            "expected a path below channel 'train', without '..', leading '/' and links out of it. "
            "Write paths relative to the channel's S3Uri.");
  const std::string absolute = "0\t1\t" + (paths_.channel("train") / "dog.png").string() + "\n";
  for (const std::string& list :
       {absolute, std::string("0\t1\tlink.png\n"), std::string("0\t1\tfolder/secret.png\n"),
        std::string("0\t1\tcats/../dog.png\n")}) {
    EXPECT_NE(refusal(list).find("expected a path below channel 'train'"), std::string::npos)
        << list;
  }
  std::filesystem::create_symlink("dog.png", paths_.channel("train") / "inside.png");
  EXPECT_EQ(refusal("0\t1\tinside.png\n"), "accepted");
}

TEST_F(Listed, AnIndexIsUsedOnce) {
  EXPECT_EQ(refusal("3\t1\tdog.png\n4\t0\tcats/1.jpg\n3\t0\tcats/2.jpg\n"),
            "channel 'train_lst', train.lst, line 3, column 1: got \"3\", expected an index of its "
            "own for each image: line 1 has the same. Number the lines again.");
}

TEST_F(Listed, ALineHasOneLabel) {
  EXPECT_EQ(
      refusal("0\t1\t0\tdog.png\n"),
      "channel 'train_lst', train.lst, line 1: got \"2 labels\", expected one label, the class "
      "of the image. Give each image one label, or set multi_label to 1 and label it with a "
      "0 or a 1 for each class.");
  EXPECT_NE(refusal("\n\n").find("expected at least one image"), std::string::npos);
}

TEST_F(Listed, AMultiLabelListHasAColumnForEachClass) {
  put("train_lst", "train.lst", "0\t1\t0\t1\tdog.png\n1\t0\t0\t0\tcats/1.jpg\n");
  const ListedImages images(channel("train"), channel("train_lst"), /*target_classes=*/3);
  EXPECT_EQ(std::vector<float>(images.labels(0).begin(), images.labels(0).end()),
            (std::vector<float>{0, 2}));
  EXPECT_TRUE(images.labels(1).empty());

  const auto refused = [&](std::string_view list) -> std::string {
    put("train_lst", "train.lst", list);
    try {
      const ListedImages refuses(channel("train"), channel("train_lst"), /*target_classes=*/3);
    } catch (const Error& error) {
      return error.what();
    }
    return "accepted";
  };
  EXPECT_EQ(refused("0\t1\t0\t1\tdog.png\n1\t0\t1\tcats/1.jpg\n"),
            "channel 'train_lst', train.lst, line 2: got \"2 labels\", expected 3, a 0 or a 1 for "
            "each class, because multi_label is 1 and num_classes is 3. Set num_classes to the "
            "number of labels, or label each image with as many.");
  EXPECT_EQ(refused("0\t1\t0\t7\tdog.png\n"),
            "channel 'train_lst', train.lst, line 1: got \"label 7 for class 2\", expected 0 or 1, "
            "because multi_label is 1. Write 1 where the image has the class and 0 where it has "
            "not.");
}

TEST_F(Listed, AListChannelHoldsOneList) {
  put("train_lst", "readme.txt", "x");
  try {
    (void)find_list(channel("train_lst"));
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(),
                 "channel 'train_lst': got \"no .lst file\", expected one .lst file, with index, "
                 "label and path of each image of the channel. Name the list something.lst and "
                 "point the channel's S3Uri at it.");
  }
  put("train_lst", "b.lst", "x");
  EXPECT_EQ(
      refusal("0\t1\tdog.png\n"),
      "channel 'train_lst': got \"2: b.lst, train.lst\", expected one .lst file, with index, "
      "label and path of each image of the channel. Point the channel's S3Uri at the one that "
      "is meant.");
}

}  // namespace
}  // namespace millrace
