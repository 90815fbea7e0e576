"""`millrace-trainer serve` over real HTTP: what every algorithm answers in every form, beside numbers from numpy, scikit-learn and
PyTorch, and what no request may do to it."""

import io
import json
import random
import socket
import struct
import tarfile
import threading
import time
import zipfile
import zlib

import numpy
import pytest

from model_server import ModelServer, train
from ndarray_list import read_arrays
from record_schema import Record, frame, unframe
from tabular_jobs import csv
from test_image_classification import HYPERPARAMETERS, JPEG, dataset, stripes

HEAD = b"POST /invocations HTTP/1.1\r\nHost: h\r\nContent-Type: text/csv\r\n"
CSV, JSON, LINES, RECORDS = "text/csv", "application/json", "application/jsonlines", "application/x-recordio-protobuf"


def record(values, keys=None, width=None):
    message = Record()
    tensor = message.features["values"].float32_tensor
    tensor.values.extend(values)
    if keys is not None:
        tensor.keys.extend(keys)
        tensor.shape.append(width)
    return frame(message.SerializeToString())


def sparse(row):
    keys = [i for i, value in enumerate(row) if value]
    return keys, [float(row[i]) for i in keys]


def requests(rows):
    """The same rows in every form of a request: content type and body."""
    rows = [[float(numpy.float32(value)) for value in row] for row in rows]
    dense = [{"features": rows[0]}, *({"data": {"features": {"values": row}}, "configuration": {}} for row in rows[1:])]
    thin = [{"data": {"features": {"keys": sparse(row)[0], "shape": [len(row)], "values": sparse(row)[1]}}} for row in rows]
    yield CSV, "\n".join(",".join(repr(value) for value in row) for row in rows)
    yield CSV + "; label_size=1", "".join(",".join(repr(value) for value in [7, *row]) + "\n" for row in rows)
    yield JSON, json.dumps({"instances": dense})
    yield JSON + ";charset=utf-8", json.dumps({"instances": thin})
    yield LINES, "\n".join(json.dumps(instance) for instance in dense + [])
    yield LINES, "".join(json.dumps(instance) + "\n" for instance in thin)
    yield RECORDS, b"".join(record(row) for row in rows)
    yield RECORDS, b"".join(record(sparse(row)[1], sparse(row)[0], len(row)) for row in rows)


def from_records(body):
    for payload in unframe(body):
        message = Record.FromString(payload)
        assert not message.features
        yield {name: list(value.float32_tensor.values) for name, value in message.label.items()}


def listed(example):
    return {name: value if isinstance(value, list) else [value] for name, value in example.items()}


def answers(server, rows, list_name, parameters=""):
    """What the server says of rows: the JSON document, after seeing that every form of request and of answer says the same."""
    expected = None
    for content_type, body in requests(rows):
        status, answered, text = server.invoke(body, content_type, JSON + parameters)
        assert (status, answered) == (200, JSON), text
        document = json.loads(text)
        assert list(document) == [list_name]
        expected = expected or document[list_name]
        assert document[list_name] == expected, content_type
        status, answered, text = server.invoke(body, content_type)
        assert (status, answered) == (200, JSON) and (parameters or json.loads(text)[list_name] == expected)
    assert len(expected) == len(rows)
    content_type, body = next(requests(rows))
    status, answered, text = server.invoke(body, content_type, RECORDS + parameters)
    assert (status, answered) == (200, RECORDS)
    assert list(from_records(text)) == [listed(example) for example in expected]
    if not parameters:
        status, answered, text = server.invoke(body, content_type, LINES)
        assert (status, answered) == (200, LINES)
        assert [json.loads(line) for line in text.splitlines()] == expected
        status, answered, text = server.invoke(body, content_type, CSV)
        assert (status, answered) == (200, CSV)
        numbers = [[float(value) for value in line.split(",")] for line in text.decode().splitlines()]
        assert numbers == [[number for values in listed(example).values() for number in values] for example in expected]
    return expected


def column(examples, name):
    return numpy.array([example[name] for example in examples])


def served_zip(model, member):
    return zipfile.ZipFile(model / "model_algo-1").read(member)


@pytest.fixture(scope="module")
def digits():
    data = pytest.importorskip("sklearn.datasets").load_digits()
    return data.data[:600], data.target[:600]


def labelled(labels, rows):
    return csv([[label, *row] for label, row in zip(labels, rows)])


@pytest.fixture(scope="module")
def binary(tmp_path_factory, digits):
    """A linear model that tells digits above 4 from others."""
    rows, labels = digits
    return train(tmp_path_factory.mktemp("linear"), "linear-learner",
                 {"predictor_type": "binary_classifier", "num_models": 1, "epochs": 3, "mini_batch_size": 100},
                 {"train": (CSV, labelled(labels > 4, rows))})


def linear_scores(model, rows):
    arrays = read_arrays(served_zip(model, "mx-mod-0000.params"))
    return rows @ arrays["arg:fc0_weight"].T.astype(float) + arrays["arg:fc0_bias"]


def test_a_binary_classifier_answers_a_probability_and_a_label(binary, digits):
    rows, _ = digits
    with ModelServer(binary) as server:
        assert server.request("GET", "/ping")[0] == 200
        found = answers(server, rows[:20], "predictions")
    expected = 1 / (1 + numpy.exp(-linear_scores(binary, rows[:20])[:, 0]))
    threshold = json.loads(served_zip(binary, "additional-params.json"))["threshold"]
    assert column(found, "score") == pytest.approx(expected, abs=1e-5)
    assert [type(example["predicted_label"]) for example in found] == [int] * 20
    assert column(found, "predicted_label").tolist() == [int(score > threshold) for score in expected]


def test_a_multiclass_classifier_answers_the_probability_of_each_class(tmp_path, digits):
    rows, labels = digits
    model = train(tmp_path / "job", "linear-learner",
                  {"predictor_type": "multiclass_classifier", "num_classes": 10, "num_models": 1, "epochs": 3, "mini_batch_size": 100},
                  {"train": (CSV, labelled(labels, rows))})
    with ModelServer(model) as server:
        found = answers(server, rows[:20], "predictions")
    scores = linear_scores(model, rows[:20])
    expected = numpy.exp(scores - scores.max(axis=1, keepdims=True))
    expected /= expected.sum(axis=1, keepdims=True)
    assert column(found, "score") == pytest.approx(expected, abs=1e-5)
    assert column(found, "predicted_label").tolist() == expected.argmax(axis=1).tolist()


def test_a_regressor_answers_a_score_alone(tmp_path, digits):
    rows, labels = digits
    model = train(tmp_path / "job", "linear-learner", {"predictor_type": "regressor", "num_models": 1, "epochs": 2, "mini_batch_size": 100},
                  {"train": (CSV, labelled(labels, rows))})
    with ModelServer(model) as server:
        found = answers(server, rows[:20], "predictions")
    assert [list(example) for example in found] == [["score"]] * 20
    assert column(found, "score") == pytest.approx(linear_scores(model, rows[:20])[:, 0], rel=1e-4, abs=1e-4)


def test_k_means_answers_the_closest_cluster_and_its_distance(tmp_path, digits):
    rows, _ = digits
    model = train(tmp_path / "job", "kmeans", {"k": 7, "feature_dim": 64, "mini_batch_size": 200}, {"train": (CSV + ";label_size=0", csv(rows))})
    with ModelServer(model) as server:
        found = answers(server, rows[:20], "predictions")
    centres = read_arrays((model / "model_algo-1").read_bytes())[""].astype(float)
    distances = numpy.linalg.norm(rows[:20, None] - centres[None], axis=2)
    assert column(found, "closest_cluster").tolist() == distances.argmin(axis=1).tolist()
    assert column(found, "distance_to_cluster") == pytest.approx(distances.min(axis=1), rel=1e-4)
    assert isinstance(found[0]["closest_cluster"], float)


def test_k_nn_answers_a_label_and_if_asked_its_neighbours(tmp_path, digits):
    neighbors = pytest.importorskip("sklearn.neighbors")
    rows, labels = digits
    model = train(tmp_path / "job", "knn", {"predictor_type": "classifier", "k": 5, "feature_dim": 64, "sample_size": 500, "mini_batch_size": 100},
                  {"train": (CSV, labelled(labels[:500], rows[:500]))})
    asked = rows[500:520]
    with ModelServer(model) as server:
        found = answers(server, asked, "predictions")
        told = answers(server, asked, "predictions", "; verbose=true")
    peer = neighbors.KNeighborsClassifier(5, algorithm="brute").fit(rows[:500], labels[:500])
    distances, nearest = peer.kneighbors(asked)
    assert column(told, "distances") == pytest.approx(distances ** 2, rel=1e-4)
    assert column(told, "labels").tolist() == labels[nearest].tolist()
    votes = [numpy.bincount(labels[row]) for row in nearest]
    for example, plain, vote in zip(told, found, votes):
        assert plain == {"predicted_label": example["predicted_label"]}
        assert vote[int(example["predicted_label"])] == vote.max()


def test_pca_answers_projections(tmp_path, digits):
    rows, _ = digits
    model = train(tmp_path / "job", "pca", {"feature_dim": 64, "num_components": 3, "mini_batch_size": 100}, {"train": (CSV + ";label_size=0", csv(rows))})
    with ModelServer(model) as server:
        found = column(answers(server, rows[:20], "projections"), "projection")
    mean = rows.mean(axis=0)
    vectors = numpy.linalg.svd(rows - mean, full_matrices=False)[2][:3]
    expected = (rows[:20] - mean) @ vectors[::-1].T  # the strongest last, signs are free
    assert abs(found) == pytest.approx(abs(expected), rel=1e-2, abs=1e-2)


def test_ntm_answers_the_weights_of_topics(tmp_path):
    draw = numpy.random.default_rng(1)
    counts = draw.integers(0, 4, (200, 12))
    model = train(tmp_path / "job", "ntm", {"feature_dim": 12, "num_topics": 3, "mini_batch_size": 50, "epochs": 2},
                  {"train": (CSV + ";label_size=0", csv(counts))})
    with ModelServer(model) as server:
        found = column(answers(server, counts[:20], "predictions"), "topic_weights")
    arrays, meta = read_arrays(served_zip(model, "params")), json.loads(served_zip(model, "meta.json"))
    activation = {"sigmoid": lambda x: 1 / (1 + numpy.exp(-x)), "tanh": numpy.tanh, "relu": lambda x: numpy.maximum(x, 0)}[meta["encoder_layers_activation"]]
    x = numpy.log1p(counts[:20])
    x /= numpy.linalg.norm(x, axis=1, keepdims=True)
    for layer in [*(f"encoder{i}" for i in range(meta["encoder_layers"])), "mean"]:
        x = x @ arrays[f"arg:{layer}_weight"].T + arrays[f"arg:{layer}_bias"]
        x = x if layer == "mean" else activation(x)
    expected = numpy.exp(x - x.max(axis=1, keepdims=True))
    assert found == pytest.approx(expected / expected.sum(axis=1, keepdims=True), abs=1e-4)


def test_random_cut_forest_answers_scores_that_are_higher_far_out(tmp_path):
    draw = numpy.random.default_rng(1)
    rows = draw.normal(size=(2000, 3))
    model = train(tmp_path / "job", "randomcutforest", {"feature_dim": 3, "num_trees": 50}, {"train": (CSV + ";label_size=0", csv(rows))})
    with ModelServer(model) as server:
        found = column(answers(server, [[0, 0.1, 0], [0.3, 0, 0.1], [9, 9, 9], [0, -8, 0]], "scores"), "score")
    assert found[:2].max() < 1.5 < 2 < found[2:].min(), found


def torch_answer(model, pixels):
    """Of an image float [3, height, width] with its mean taken off, by walking the saved MXNet symbol in PyTorch."""
    torch = pytest.importorskip("torch")
    F = torch.nn.functional
    symbol = json.loads(next(model.glob("*-symbol.json")).read_text())
    arrays = {name.split(":")[1]: torch.tensor(array.copy()) for name, array in read_arrays(max(model.glob("*.params")).read_bytes()).items()}
    values = []
    for node in symbol["nodes"]:
        name, attributes = node["name"], node.get("attrs", {})
        x = [values[entry[0]] for entry in node["inputs"]]
        side = {key: int(attributes[key].strip("()").split(",")[0]) for key in ("kernel", "stride", "pad") if key in attributes}
        if node["op"] == "null":
            value = torch.tensor(pixels)[None] if name == "data" else arrays.get(name)
        elif node["op"] == "BatchNorm":
            gamma = torch.ones_like(x[1]) if attributes["fix_gamma"] == "True" else x[1]
            value = F.batch_norm(x[0], x[3], x[4], gamma, x[2], eps=float(attributes["eps"]))
        elif node["op"] == "Convolution":
            value = F.conv2d(x[0], x[1], stride=side["stride"], padding=side["pad"])
        else:
            value = {"Activation": lambda: x[0].relu(), "Pooling": lambda: x[0].mean((2, 3), keepdim=True), "Flatten": lambda: x[0].flatten(1),
                     "FullyConnected": lambda: F.linear(*x), "elemwise_add": lambda: x[0] + x[1], "_copy": lambda: x[0],
                     "SoftmaxOutput": lambda: x[0].softmax(1), "LogisticRegressionOutput": lambda: x[0].sigmoid()}[node["op"]]()
        values.append(value)
    return values[-1][0].numpy()


def pixels_of(picture):
    """As the network takes them."""
    image = pytest.importorskip("PIL.Image").open(io.BytesIO(picture)).convert("RGB")
    return (numpy.asarray(image, dtype=numpy.float32) - numpy.float32([123.68, 116.779, 103.939])).transpose(2, 0, 1)


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    """A network that tells two kinds of stripes, 28 pixels wide and high."""
    return train(tmp_path_factory.mktemp("pictures"), "image-classification", HYPERPARAMETERS,
                 {"train": ("application/x-recordio", dataset(64, 1)), "validation": ("application/x-recordio", dataset(16, 2))})


def test_an_image_gets_the_probability_of_each_class(pictures):
    picture = stripes(1, random.Random(5))
    expected = torch_answer(pictures, pixels_of(picture))
    with ModelServer(pictures) as server:
        assert json.loads(server.request("GET", "/execution-parameters")[2])["BatchStrategy"] == "SINGLE_RECORD"
        for content_type in ("image/png", "application/x-image", "IMAGE/PNG"):
            status, answered, text = server.invoke(picture, content_type)
            assert (status, answered) == (200, JSON)
            assert json.loads(text) == pytest.approx(expected, abs=1e-4)
        status, answered, text = server.invoke(picture, "image/png", LINES)
        assert (status, answered) == (200, LINES)
        assert json.loads(text) == {"prediction": pytest.approx(expected, abs=1e-4)}
        # A JPEG of another size is brought to the network's.
        status, _, text = server.invoke(JPEG, "image/jpeg")
        assert status == 200 and sum(json.loads(text)) == pytest.approx(1, abs=1e-5)
        assert server.invoke(picture, CSV)[0] == 415
        assert server.invoke(picture, "image/png", CSV)[0] == 406


def test_no_picture_ends_the_server(pictures):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    huge = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 60000, 60000, 8, 2, 0, 0, 0))
    picture = stripes(0, random.Random(3))
    with ModelServer(pictures) as server:
        expected = server.invoke(picture, "image/png")
        for damaged in (b"", b"GIF89a", picture[:40], picture[:-20], JPEG[:100], huge + chunk(b"IDAT", zlib.compress(bytes(1000)))):
            status, _, text = server.invoke(damaged, "application/x-image")
            assert status == 400 and text, damaged[:20]
        assert server.invoke(picture, "image/png") == expected


def test_images_of_many_clients_are_answered_as_one_by_one(pictures):
    noise = random.Random(8)
    asked = [stripes(i % 2, noise) for i in range(12)]
    with ModelServer(pictures) as server:
        alone = [server.invoke(picture, "image/png") for picture in asked]
        found = [None] * len(asked)

        def ask(i):
            found[i] = server.invoke(asked[i], "image/png")
        threads = [threading.Thread(target=ask, args=(i,)) for i in range(len(asked))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    for one, other in zip(alone, found):
        assert other[:2] == one[:2] and json.loads(other[2]) == pytest.approx(json.loads(one[2]), abs=1e-5)


def test_an_archive_serves_like_its_folder_and_the_environment_says_where(binary, digits, tmp_path):
    with tarfile.open(tmp_path / "model.tar.gz", "w:gz") as archive:
        for file in binary.iterdir():
            archive.add(file, file.name)
    row = csv(digits[0][:1])
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with ModelServer(binary) as folder, \
            ModelServer(tmp_path / "model.tar.gz", port=None, SAGEMAKER_BIND_TO_PORT=str(port), SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT=CSV,
                        SAGEMAKER_MAX_PAYLOAD_IN_MB="1") as archive:
        assert archive.port == port
        assert archive.invoke(row, CSV, JSON) == folder.invoke(row, CSV, JSON)
        assert archive.invoke(row, CSV)[1] == CSV and folder.invoke(row, CSV)[1] == JSON
        assert archive.invoke(b"1\n" * 600_000, CSV)[0] == 413
        parameters = json.loads(archive.request("GET", "/execution-parameters")[2])
        assert parameters["MaxPayloadInMB"] == 1 and parameters["BatchStrategy"] == "MULTI_RECORD"


def test_a_signal_ends_it_though_clients_are_connected(binary, digits):
    with ModelServer(binary) as server:
        assert server.invoke(csv(digits[0][:1]), CSV)[0] == 200
        idle = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(3)]
        idle[0].sendall(HEAD + b"Content-Length: 1000\r\n\r\n1,2,")
        assert server.stop() == 0
        with pytest.raises(ConnectionRefusedError):
            server.request("GET", "/ping")
        for client in idle:
            client.close()


REFUSED = [
    (CSV, None, b"1,2,3\n", 400, b"expected 64"),
    (CSV, None, b"1," * 63 + b"x\n", 400, b"line 1, column 64"),
    (CSV, None, b"1," * 63 + b"nan\n", 400, b"line 1, column 64"),
    (CSV, None, b"\x00\xff\xfe", 400, b"request"),
    (CSV + ";label_size=-1", None, b"", 400, b"label_size"),
    (JSON, None, b'{"instances": [{"features": [1,', 400, b"byte"),
    (JSON, None, b"[" * 100_000, 400, b"request"),
    (JSON, None, b'{"instances": 5}', 400, b"instances"),
    (JSON, None, b'{"rows": []}', 400, b"instances"),
    (JSON, None, b'{"instances": [{"data": {"features": {"keys": [-1], "shape": [64], "values": [1]}}}]}', 400, b"keys"),
    (JSON, None, b'{"instances": [{"data": {"features": {"keys": [64], "shape": [64], "values": [1]}}}]}', 400, b"keys"),
    (LINES, None, b'{"features": [1e999]}\n', 400, b"request"),
    (LINES, None, b'{"features": ["a"]}\n', 400, b"values"),
    (RECORDS, None, record([1.0] * 64)[:-30], 400, b"record"),
    (RECORDS, None, b"not a record at all", 400, b"record"),
    (RECORDS, None, frame(b"\x0a\xff\xff\xff\xff\x0f"), 400, b"record"),
    (RECORDS, None, record([1.0], [2 ** 40], 2 ** 41), 400, b"expected 64"),
    ("image/png", None, b"", 415, b"text/csv"),
    ("text/plain", None, b"1,2", 415, b"text/csv"),
    (None, None, b"1,2", 415, b"text/csv"),
    (CSV, "image/png", b"", 406, b"application/json"),
    (CSV, "application/jsn", b"", 406, b"Did you mean 'application/json'?"),
    (JSON, JSON + "; verbose=perhaps", b"{}", 400, b"true or false"),
]


@pytest.fixture(scope="module")
def linear(binary):
    with ModelServer(binary) as server:
        yield server


@pytest.fixture
def unharmed(linear, digits):
    """Afterwards it answers as before."""
    row = csv(digits[0][:1])
    before = linear.invoke(row, CSV)
    yield linear
    assert linear.request("GET", "/ping")[0] == 200
    assert linear.invoke(row, CSV) == before and before[0] == 200


@pytest.mark.parametrize("content_type, accept, body, status, part", REFUSED, ids=range(len(REFUSED)))
def test_what_is_wrong_with_a_request_is_said(unharmed, content_type, accept, body, status, part):
    found, answered, text = unharmed.invoke(body, content_type, accept)
    assert found == status, text
    assert part in text and answered.startswith("text/plain"), text


def test_a_body_above_six_megabytes_is_refused_and_the_largest_is_not(unharmed):
    line = b",".join([b"1.5"] * 64) + b"\n"
    most = line * (6291456 // len(line))
    status, _, text = unharmed.invoke(most, CSV, CSV)
    assert status == 200 and text.count(b"\n") == 6291456 // len(line)
    assert unharmed.invoke(b"1," * 3_500_000, CSV)[0] == 413
    assert unharmed.invoke(iter([b"1," * 1_000_000] * 4), CSV)[0] == 413  # in chunks, of unknown length


def send(server, data):
    client = socket.create_connection(("127.0.0.1", server.port), timeout=30)
    client.sendall(data)
    return client



def test_slow_and_broken_bodies_keep_nobody_waiting(unharmed):
    slow = [send(unharmed, HEAD + b"Content-Length: 1000\r\n\r\n1,2,") for _ in range(300)]
    begin = time.monotonic()
    assert unharmed.request("GET", "/ping")[0] == 200
    assert time.monotonic() - begin < 2
    for client in slow[:150]:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # a reset
        client.close()
    for client in slow[150:]:
        client.close()
    send(unharmed, HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\n1,2").close()


@pytest.mark.parametrize("garbage", [
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc", b"GET\r\n\r\n", HEAD + b"Content-Length: -1\r\n\r\n", HEAD + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\n",
    HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", b"POST /invocations HTTP/1.1\r\n" + b"A: b\r\n" * 100_000], ids=range(6))
def test_what_is_no_http_is_refused(unharmed, garbage):
    client = send(unharmed, garbage)
    try:
        assert client.recv(1000).startswith(b"HTTP/1.1 4")
    except ConnectionResetError:
        pass
    client.close()


def test_a_client_that_does_not_read_its_answers_harms_no_other(unharmed, digits):
    body = csv(digits[0]) * 5
    request = HEAD + b"Accept: application/x-recordio-protobuf\r\nContent-Length: %d\r\n\r\n" % len(body) + body
    lazy = []
    for _ in range(5):
        client = socket.create_connection(("127.0.0.1", unharmed.port), timeout=30)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.sendall(request)
        lazy.append(client)
    assert unharmed.request("GET", "/ping")[0] == 200
    for client in lazy:
        client.close()


def test_memory_stays_flat_over_many_thousand_requests(unharmed, digits):
    body = csv(digits[0][:1])
    request = HEAD + b"Content-Length: %d\r\n\r\n" % len(body) + body

    def ask(times):
        client = send(unharmed, b"")
        with client, client.makefile("rb") as answers:
            for _ in range(times // 50):
                client.sendall(request * 50)
                for _ in range(50):
                    length = 0
                    while (line := answers.readline()) != b"\r\n":
                        if line.lower().startswith(b"content-length:"):
                            length = int(line.split(b":")[1])
                    assert answers.read(length).startswith(b'{"predictions"')

    ask(5_000)
    before = unharmed.memory()
    ask(40_000)
    assert unharmed.memory() < before + 4_000_000
