#include "platform/catalog/images.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/file.h>

#include <atomic>
#include <functional>
#include <thread>

#include "core/base/error.h"
#include "platform/catalog/framework_images.h"
#include "platform/containers/add_image.h"
#include "platform/containers/image_builder_for_test.h"
#include "platform/records/temporary_database.h"

namespace millrace::catalog {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// One algorithm under two names.
constexpr const char* kDescription =
    R"({"algorithms": [{"name": "image-classification", "image_names": ["image-classification", "ic"]}]})";

class ImagesTest : public ::testing::Test {
 protected:
  static std::string refusal(const std::function<void()>& call) {
    try {
      call();
    } catch (const Error& error) {
      return error.code() + ": " + error.what();
    }
    return "accepted";
  }

  /// An image of one layer, unpacked; gives its id and the digest of its manifest.
  containers::ImageRecord unpacked(const std::string& content) {
    const std::string layer = containers::tar(containers::file("a", content));
    const auto layout = scratch_.path() / ("layout-" + content);
    containers::put_index(layout,
                          {containers::put_image(layout, {.tars = {layer}, .stored = {layer}})});
    const auto files = containers::files_of_directory(layout);
    const Fd lock = store_.lock_for_adding(std::nullopt, [] {});
    return containers::add_exported_image(
        *files, containers::find_image(*files, "", containers::this_platform()), "oci-layout",
        {.store = store_, .limits = {}});
  }
  std::string registration(const containers::ImageRecord& record, const std::string& digest) {
    return refusal([&] {
      images_.register_image({.image_name = "churn",
                              .image_id = record.id,
                              .export_ = wire::control::ImageExport{.digest = digest,
                                                                    .source_kind = "oci-layout",
                                                                    .source = "churn"}},
                             caller_);
    });
  }
  void write_row(const std::string& name, const std::string& container,
                 const std::vector<std::string>& command = {}) {
    records_.database().write([&](records::Connection& connection) {
      records::ImageTable(connection)
          .put({.name = name,
                .command = command,
                .read_only_binds = {},
                .created_at = now(),
                .container = container});
    });
  }
  std::vector<std::string> own_names() {
    std::vector<std::string> names;
    for (const auto& image : images_.list_images({}, caller_).images) {
      if (image.kind != wire::control::ImageKind::BuiltIn) names.push_back(image.image_name);
    }
    return names;
  }

  const aws::Caller caller_{.account = "1"};
  records::TemporaryDatabase records_;
  containers::Scratch scratch_;
  const containers::ImageStore store_{scratch_.path() / "images"};
  Algorithms algorithms_{std::vector<Json>{parse_json(kDescription, "test")}};
  Images images_{records_.database(), algorithms_, store_};
};

TEST_F(ImagesTest, ARegisteredProgramAnswersForItsTagOrForAll) {
  images_.add_executable("churn", {"/opt/churn/train", "-v"}, {"/opt/churn"});
  images_.add_executable("churn:3", {"/opt/churn3/train"}, {});
  EXPECT_THAT(images_.find(parse_image_name("registry.local/churn:2")).value().command,
              ElementsAre("/opt/churn/train", "-v"));
  EXPECT_THAT(images_.find(parse_image_name("churn")).value().read_only_binds,
              ElementsAre("/opt/churn"));
  EXPECT_THAT(images_.find(parse_image_name("churn:3")).value().command,
              ElementsAre("/opt/churn3/train"));
  EXPECT_FALSE(images_.find(parse_image_name("other")));
  images_.add_executable("churn", {"/bin/new"}, {});
  EXPECT_THAT(images_.find(parse_image_name("churn")).value().command, ElementsAre("/bin/new"));
}

TEST_F(ImagesTest, AContainerImageIsFoundByTagAndByEitherOfItsDigests) {
  const std::string id = "sha256:" + std::string(64, 'a');
  const std::string digest = "sha256:" + std::string(64, 'b');
  images_.add_container("churn:3", {.id = id, .digest = digest, .entrypoint = {"/entry"}});
  const auto entrypoint = [&](const std::string& name) {
    const auto found = images_.find(parse_image_name(name));
    return found ? found->container->entrypoint : std::vector<std::string>{};
  };
  const std::string registry = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/";
  for (const std::string& name :
       {std::string("churn:3"), std::string("r.io/churn:3"), registry + "churn:3",
        registry + "churn:3@" + digest, "churn:3@" + id, "churn@" + digest})
    EXPECT_THAT(entrypoint(name), ElementsAre("/entry")) << name;
  for (const std::string& name :
       {std::string("churn"), std::string("churn:4"), "churn:3@sha256:" + std::string(64, 'c')})
    EXPECT_FALSE(images_.find(parse_image_name(name))) << name;
  images_.add_container("churn:latest", {.id = id, .digest = digest});
  EXPECT_TRUE(images_.find(parse_image_name("churn")));
}

TEST_F(ImagesTest, AProgramHasNoDigestThatAJobCouldAskFor) {
  images_.add_executable("churn:3", {"/opt/churn/train"}, {});
  const std::string digest = "@sha256:" + std::string(64, 'c');
  EXPECT_FALSE(images_.find(parse_image_name("churn:3" + digest)));
  EXPECT_FALSE(images_.find(parse_image_name("churn" + digest)));
}

TEST_F(ImagesTest, ARegistrationIsBelievedNoDigestThatItsImageDoesNotHave) {
  const containers::ImageRecord one = unpacked("1");
  const containers::ImageRecord two = unpacked("2");
  for (const std::string& digest : {"sha256:" + std::string(64, 'f'), two.digest, two.id,
                                    std::string("latest"), std::string("../../etc")}) {
    EXPECT_THAT(registration(one, digest),
                HasSubstr("ValidationException: Export.Digest: got \"" + digest.substr(0, 40)));
  }
  EXPECT_TRUE(own_names().empty());
  EXPECT_EQ(registration(one, one.id), "accepted");
  EXPECT_EQ(registration(one, one.digest), "accepted");
  EXPECT_TRUE(images_.find(parse_image_name("churn@" + one.digest)));
  EXPECT_FALSE(images_.find(parse_image_name("churn@" + two.digest)));
}

TEST_F(ImagesTest, AnImageThatIsInUseHasItsNameThroughoutAnAttemptToRemoveIt) {
  const containers::ImageRecord record = unpacked("1");
  ASSERT_EQ(registration(record, record.digest), "accepted");
  const Fd held(::open(store_.place(record.id).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  ASSERT_EQ(::flock(held.get(), LOCK_SH), 0);
  std::atomic<bool> done{false};
  std::atomic<int> looks{0};
  std::atomic<int> missing{0};
  std::jthread looking([&] {
    while (!done) {
      if (!images_.find(parse_image_name("churn"))) ++missing;
      ++looks;
    }
  });
  const auto remove = [&] { images_.deregister_image({.image_name = "churn"}, caller_); };
  for (int i = 0; i < 50 || looks < 100; ++i)
    EXPECT_THAT(refusal(remove), HasSubstr("ResourceInUse: ImageName: 'churn'"));
  done = true;
  looking.join();
  EXPECT_EQ(missing, 0);
  ASSERT_EQ(::flock(held.get(), LOCK_UN), 0);
  remove();
  EXPECT_FALSE(images_.find(parse_image_name("churn")));
  EXPECT_FALSE(store_.find(record.id));
}

TEST_F(ImagesTest, ARegistrationThatCannotBeReadIsKeptOutAndHarmsNoOther) {
  const containers::ImageRecord record = unpacked("1");
  ASSERT_EQ(registration(record, record.digest), "accepted");
  const containers::ImageRecord of_unreadable = unpacked("2");
  write_row("newer", R"({"id": 7, "layers": {}})");
  write_row("damaged", "{");
  records_.database().write([](records::Connection& connection) {
    connection
        .prepare(
            "INSERT INTO images (name, command, read_only_binds, created_at, container) "
            "VALUES ('program', '{\"a\": 1}', '[]', 0, '')")
        .run();
  });
  images_.sweep();
  EXPECT_TRUE(store_.find(record.id));
  EXPECT_TRUE(store_.find(of_unreadable.id)) << "one that cannot be read may be its name";
  EXPECT_THAT(own_names(), ElementsAre("churn"));
  EXPECT_EQ(images_.containers().size(), 1U);
  EXPECT_TRUE(images_.find(parse_image_name("churn")));
  EXPECT_TRUE(images_.find(parse_image_name("churn@" + record.digest)));
  EXPECT_THAT(refusal([&] { static_cast<void>(images_.find(parse_image_name("newer"))); }),
              HasSubstr("the record of image newer"));
  for (const char* name : {"newer", "damaged", "program"})
    EXPECT_EQ(refusal([&] { images_.deregister_image({.image_name = name}, caller_); }),
              "accepted");
  EXPECT_TRUE(store_.find(record.id));
  EXPECT_FALSE(store_.find(of_unreadable.id));
}

TEST_F(ImagesTest, RegistrationRefusesRelativePathsAndBuiltInNames) {
  EXPECT_THAT(refusal([&] { images_.add_executable("a", {"train"}, {}); }),
              HasSubstr("ValidationException: Command: got \"train\", expected an absolute path"));
  EXPECT_THAT(refusal([&] { images_.add_executable("a", {"/t"}, {"x"}); }),
              HasSubstr("ReadOnlyBinds"));
  EXPECT_THAT(refusal([&] { images_.add_executable("ic:7", {"/t"}, {}); }),
              HasSubstr("a built-in algorithm's"));
  EXPECT_THAT(refusal([&] { images_.add_executable("r.io/a", {"/t"}, {}); }),
              HasSubstr("Leave out registry and digest"));
}

TEST_F(ImagesTest, TheListHoldsAlgorithmsAndPrograms) {
  const aws::Caller caller{.account = "1"};
  EXPECT_EQ(images_
                .register_image({.image_name = "churn", .command = std::vector<std::string>{"/t"}},
                                caller)
                .image.kind,
            "Executable");
  std::vector<std::string> names;
  for (const auto& image : images_.list_images({}, caller).images)
    names.push_back(image.image_name + " " + image.kind);
  ASSERT_EQ(names.size(), 3 + FrameworkImages::all().size());
  EXPECT_EQ(names[0], "image-classification BuiltIn");
  EXPECT_EQ(names[1], "ic BuiltIn");
  EXPECT_EQ(names[2], "pytorch-training BuiltIn");
  EXPECT_EQ(names.back(), "churn Executable");
  EXPECT_THAT(refusal([&] {
                images_.register_image(
                    {.image_name = "x", .command = std::vector<std::string>{"/t"}}, {.job = "j"});
              }),
              HasSubstr("AccessDeniedException"));
}

}  // namespace
}  // namespace millrace::catalog
