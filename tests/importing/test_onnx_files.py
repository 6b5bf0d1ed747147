"""ONNX generators: what is recorded of them, and which are refused."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from traumer_live.cli import main
from traumer_live.core.errors import ModelError
from traumer_live.embedding.encoder import load_encoder
from traumer_live.importing.importer import import_model
from traumer_live.latent.pack import save_pack
from traumer_live.latent.transfer import Transfer
from traumer_live.synthesis.generator import BackendError
from traumer_live.synthesis.loading import load_generator


def graph(latent="z", shape=(1, 8), picture=(1, 3, 16, 16), domain="", op="Reshape"):
    """A generator of one matrix."""
    size = int(np.prod(picture[1:]))
    weight = np.random.default_rng(0).random((int(np.prod(shape[1:])), size), np.float32)
    constants = [
        numpy_helper.from_array(weight, "weight"),
        numpy_helper.from_array(np.array(picture, np.int64), "picture"),
        numpy_helper.from_array(np.array([1, -1], np.int64), "flat"),
    ]
    nodes = [
        helper.make_node("Reshape", [latent, "flat"], ["row"]),
        helper.make_node("MatMul", ["row", "weight"], ["numbers"]),
        helper.make_node(op, ["numbers", "picture"], ["image"], domain=domain),
    ]
    made = helper.make_graph(
        nodes,
        "generator",
        [helper.make_tensor_value_info(latent, TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, picture)],
        constants,
    )
    opsets = [helper.make_opsetid("", 17)] + ([helper.make_opsetid(domain, 1)] if domain else [])
    return helper.make_model(made, opset_imports=opsets, ir_version=10)


def saved(path, model):
    path.write_bytes(model.SerializeToString())
    return path


@pytest.mark.parametrize(
    ("latent", "shape", "rows"), [("z", (1, 8), "1"), ("w", (1, 6, 8), "6"), ("ws", (1, 6, 8), "6")]
)
def test_what_goes_in_and_comes_out_is_recorded(tmp_path, latent, shape, rows):
    path = saved(tmp_path / "net.onnx", graph(latent, shape))
    entry = import_model(path)
    assert (entry.kind, entry.architecture, entry.path.suffix) == ("generator", "onnx", ".onnx")
    assert entry.metadata["latent"] == latent[0]
    assert (entry.metadata["rows"], entry.metadata["w_dim"]) == (rows, "8")
    assert (entry.metadata["height"], entry.metadata["width"]) == ("16", "16")
    assert entry.path.read_bytes() == path.read_bytes()


def refusal(path):
    with pytest.raises(ModelError) as refused:
        import_model(path)
    assert "\n" not in str(refused.value)
    return str(refused.value)


@pytest.mark.parametrize("location", ["../outside.bin", "/etc/passwd", "beside.bin"])
def test_numbers_in_other_files(tmp_path, location):
    model = graph()
    weight = model.graph.initializer[0]
    weight.ClearField("raw_data")
    weight.data_location = TensorProto.EXTERNAL
    entry = weight.external_data.add()
    entry.key, entry.value = "location", location
    (tmp_path.parent / "outside.bin").write_bytes(bytes(100_000))
    assert "another file" in refusal(saved(tmp_path / "net.onnx", model))


def test_numbers_in_other_files_inside_of_a_node(tmp_path):
    tensor = TensorProto(name="t", data_type=TensorProto.FLOAT, dims=[4])
    tensor.data_location = TensorProto.EXTERNAL
    entry = tensor.external_data.add()
    entry.key, entry.value = "location", "../outside.bin"
    model = graph()
    model.graph.node.append(helper.make_node("Constant", [], ["unused"], value=tensor))
    assert "another file" in refusal(saved(tmp_path / "net.onnx", model))


def external(name="t"):
    """A tensor whose numbers are said to lie outside of the folder."""
    tensor = TensorProto(name=name, data_type=TensorProto.FLOAT, dims=[4])
    tensor.data_location = TensorProto.EXTERNAL
    entry = tensor.external_data.add()
    entry.key, entry.value = "location", "../outside.bin"
    return tensor


def hidden_in_indices(model):
    sparse = model.graph.sparse_initializer.add()
    sparse.values.CopyFrom(numpy_helper.from_array(np.ones(4, np.float32), "sparse"))
    sparse.indices.CopyFrom(external())


def hidden_in_a_sparse_attribute(model):
    node = model.graph.node.add(op_type="Constant", output=["unused"])
    node.attribute.add(name="sparse_value", type=11).sparse_tensor.values.CopyFrom(external())


def hidden_in_training(model):
    model.training_info.add().initialization.initializer.append(external())


def hidden_in_a_branch_of_a_branch(model):
    inner = helper.make_graph([], "inner", [], [], [external()])
    outer = helper.make_graph([helper.make_node("If", ["c"], ["x"], then_branch=inner)], "", [], [])
    model.graph.node.append(helper.make_node("If", ["c"], ["y"], then_branch=outer))


@pytest.mark.parametrize(
    "hide",
    [
        hidden_in_indices,
        hidden_in_a_sparse_attribute,
        hidden_in_training,
        hidden_in_a_branch_of_a_branch,
    ],
)
def test_numbers_in_other_files_wherever_a_tensor_can_be(tmp_path, hide):
    model = graph()
    hide(model)
    assert "another file" in refusal(saved(tmp_path / "net.onnx", model))


def painted_by(tmp_path, nodes, constants):
    """A graph that makes ``number`` from ``sum``, that of its z, and a grey picture of it."""
    model = graph()
    del model.graph.node[:], model.graph.initializer[:]
    model.graph.node.extend(
        [
            helper.make_node("ReduceSum", ["z"], ["sum"], keepdims=0),
            *nodes,
            helper.make_node("Expand", ["number", "grey"], ["image"]),
        ]
    )
    arrays = {"grey": np.array([1, 3, 16, 16]), **constants}
    model.graph.initializer.extend(numpy_helper.from_array(a, n) for n, a in arrays.items())
    return saved(tmp_path / "net.onnx", model)


LARGE = np.array([1 << 20, 1 << 20])  # 4 TB of float32


def test_a_constant_of_terabytes(tmp_path):
    """The runtime would make it while it opens the graph."""
    nodes = [
        helper.make_node("ConstantOfShape", ["large"], ["big"]),
        helper.make_node("ReduceSum", ["big"], ["nothing"], keepdims=0),
        helper.make_node("Add", ["sum", "nothing"], ["number"]),
    ]
    assert "more memory" in refusal(painted_by(tmp_path, nodes, {"large": LARGE}))


@pytest.mark.parametrize("large", [LARGE, np.array([1 << 16, 1 << 14])])
def test_a_picture_by_way_of_terabytes(tmp_path, large):
    """Also of four gigabytes, which a large machine would have."""
    nodes = [
        helper.make_node("Expand", ["sum", "large"], ["big"]),
        helper.make_node("ReduceMax", ["big"], ["number"], keepdims=0),
    ]
    assert "more memory" in refusal(painted_by(tmp_path, nodes, {"large": large}))


def test_a_loop_without_end(tmp_path):
    flag, number = (
        lambda n: helper.make_tensor_value_info(n, TensorProto.BOOL, ()),
        lambda n: helper.make_tensor_value_info(n, TensorProto.FLOAT, ()),
    )
    turn = helper.make_tensor_value_info("turn", TensorProto.INT64, ())
    body = helper.make_graph(
        [
            helper.make_node("Identity", ["before"], ["after"]),
            helper.make_node("Exp", ["old"], ["new"]),
        ],
        "body",
        [turn, flag("before"), number("old")],
        [flag("after"), number("new")],
    )
    nodes = [helper.make_node("Loop", ["times", "go", "sum"], ["number"], body=body)]
    constants = {"times": np.array(1 << 60), "go": np.array(True)}
    assert "in a loop" in refusal(painted_by(tmp_path, nodes, constants))


def test_a_picture_that_is_none(tmp_path):
    nodes = [
        helper.make_node("Sub", ["sum", "sum"], ["nought"]),
        helper.make_node("Div", ["nought", "nought"], ["number"]),
    ]
    assert "finite numbers" in refusal(painted_by(tmp_path, nodes, {}))


def test_a_graph_that_fails_in_the_show_says_so(tmp_path, monkeypatch):
    """A picture that the runtime cannot finish is the show's to pass over, not its end."""
    generator = load_generator(import_model(saved(tmp_path / "mine.onnx", graph())).path)
    monkeypatch.setattr(generator, "_input", generator._session.get_outputs()[0])
    with pytest.raises(BackendError, match="The graph mine cannot paint"):
        generator.synthesize(np.zeros((generator.info.num_ws, generator.info.w_dim), np.float32))


def test_operators_of_its_own(tmp_path):
    assert "operators of its own" in refusal(
        saved(tmp_path / "net.onnx", graph(domain="evil", op="Run"))
    )


def test_graphs_that_are_no_generators(tmp_path):
    assert "called w or z" in refusal(saved(tmp_path / "a.onnx", graph("features")))
    assert "one output" in refusal(saved(tmp_path / "b.onnx", graph(picture=(1, 5, 16, 16))))


def test_an_invalid_and_a_truncated_graph(tmp_path):
    model = graph()
    model.graph.node[0].op_type = "NoSuchThing"
    assert "valid" in refusal(saved(tmp_path / "a.onnx", model))
    whole = graph().SerializeToString()
    for share in (0.1, 0.5, 0.9):
        path = tmp_path / "cut.onnx"
        path.write_bytes(whole[: int(share * len(whole))])
        refusal(path)


def test_onnx_is_what_the_library_says(tmp_path):
    assert onnx.load(import_model(saved(tmp_path / "n.onnx", graph())).path).graph.name


@pytest.mark.parametrize(("latent", "shape"), [("z", (1, 8)), ("w", ("batch", 6, 8))])
def test_it_paints(tmp_path, latent, shape):
    model = graph(latent, (1, *shape[1:]))
    model.graph.input[0].type.tensor_type.shape.dim[0].dim_param = "batch"
    generator = load_generator(import_model(saved(tmp_path / "mine.onnx", model)).path)
    info = generator.info
    assert (info.name, info.size, info.architecture) == ("mine", (16, 16), "onnx")
    w_plus = np.random.default_rng(1).standard_normal((info.num_ws, info.w_dim), np.float32)
    weight = numpy_helper.to_array(model.graph.initializer[0])
    seen = w_plus if len(shape) == 3 else w_plus.mean(0)
    expected = (seen.reshape(1, -1) @ weight).reshape(3, 16, 16).transpose(1, 2, 0)
    expected = (expected * 127.5 + 128).clip(0, 255)
    np.testing.assert_allclose(generator.synthesize_float(w_plus), expected, atol=1e-3)
    pixels = generator.synthesize(w_plus)
    assert (pixels.shape, pixels.dtype, pixels[..., 3].min()) == ((16, 16, 4), np.uint8, 255)
    np.testing.assert_array_equal(generator.w_statistics().sigma, 1)


def test_a_graph_runs_only_as_it_is(tmp_path):
    path = import_model(saved(tmp_path / "mine.onnx", graph())).path
    with pytest.raises(ModelError, match="leave these options out"):
        load_generator(path, backend="torch")
    with pytest.raises(ModelError, match="leave these options out"):
        load_generator(path, class_index=1)


@pytest.mark.parametrize(("latent", "shape"), [("w", (1, 6, 8)), ("z", (1, 8))])
def test_a_graph_in_a_show(tmp_path, latent, shape):
    model = graph(latent, shape)
    entry = import_model(saved(tmp_path / "mine.onnx", model))
    vector = np.zeros(8, np.float32)
    transfer = Transfer(np.zeros((8, load_encoder().e_dim), np.float32), vector, vector, vector + 1)
    save_pack(tmp_path / "pack.safetensors", transfer, {"generator": entry.name})
    words = ["run", "--headless", "--seconds", "0.5", "--source", "tone"]
    pack = str(tmp_path / "pack.safetensors")
    assert main([*words, "--generator", "mine", "--mapping", pack]) == 0
