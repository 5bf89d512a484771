"""The network of multilingual-e5-small as an ONNX graph, in float32 or in 8-bit integers.

With 8 bits, weights have one scale for each output and activations one for each matrix, so that
no text changes another's vector. A few inputs of a layer are many times larger than the rest and
would leave the rest with too few steps, so each input is divided by a factor beforehand and its
weights multiplied by it (Xiao and others 2023, *SmoothQuant*):
``largest_activation ** STRENGTH / largest_weight ** (1 - STRENGTH)``. The largest activations were
measured on texts of ours by ``training/measure_activations.py``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from percorso.text.embedding.adapters import FIRST, Adapters
from percorso.text.embedding.weights import Weights

#: How much of the spread moves from the activations to the weights. Measured: 0.5 leaves a cosine
#: of 0.991 at worst against the reference, 0.7 leaves 0.997 with a step for each call; with one
#: for all it leaves 0.993, and 0.998 on average.
STRENGTH = 0.7
_CONTRIBUTED = "com.microsoft"
#: The matrices of a layer that take the same input are joined: query, key and value.
_ATTENTION = ("q", "k", "v")


def build(
    weights: Weights,
    largest: Mapping[str, NDArray[np.float32]] | None = None,
    *,
    adapters: Adapters | None = None,
    show: list[str] | None = None,
) -> bytes:
    """Return the serialised graph.

    It takes ``embedded`` (texts, pieces, width) and ``mask`` (texts, pieces; 1 where there is a
    piece) and gives ``states`` (texts, pieces, width); with ``adapters`` also ``adapted``, of the
    same shape, for which only the upper layers are gone through again. ``largest`` holds the
    largest activation of each input of the layers ``"{layer}.{matrix}"``; without it everything
    stays in float32. The names of those inputs are added to ``show``, and they become outputs of
    the graph.
    """
    return _Graph(weights, largest, adapters, show).serialised()


@dataclass(frozen=True, slots=True)
class _Layer:
    """A layer of the network as it is given, or a second time as it is adapted."""

    number: int
    adapted: bool = False

    @property
    def given(self) -> str:
        return f"l{self.number}"

    @property
    def name(self) -> str:
        return f"a{self.number}" if self.adapted else self.given


class _Graph:
    def __init__(
        self,
        weights: Weights,
        largest: Mapping[str, NDArray[np.float32]] | None,
        adapters: Adapters | None,
        show: list[str] | None,
    ) -> None:
        self._weights = weights
        self._largest = largest
        self._adapters = adapters
        self._show = show
        self._nodes: list[Any] = []
        self._constants: list[Any] = []

    def serialised(self) -> bytes:
        from onnx import TensorProto, helper

        state = self._normalised("LayerNormalization", ["embedded"], "emb.ln", "start", domain="")
        below = state
        for layer in range(self._weights.layers):
            below = state if layer == FIRST else below
            state = self._layer(_Layer(layer), state)
        self._node("Identity", [state], ["states"])
        if self._adapters is not None:
            for layer in range(FIRST, self._weights.layers):
                below = self._layer(_Layer(layer, adapted=True), below)
            self._node("Identity", [below], ["adapted"])
        sizes: list[str | int | None] = ["texts", "pieces", self._weights.width]
        inputs = [
            helper.make_tensor_value_info("embedded", TensorProto.FLOAT, sizes),
            helper.make_tensor_value_info("mask", TensorProto.INT32, sizes[:2]),
        ]
        given = ["states"] if self._adapters is None else ["states", "adapted"]
        outputs = [helper.make_tensor_value_info(name, TensorProto.FLOAT, sizes) for name in given]
        outputs += [
            helper.make_tensor_value_info(name, TensorProto.FLOAT, None)
            for name in self._show or ()
        ]
        graph = helper.make_graph(self._nodes, "e5", inputs, outputs, self._constants)
        versions = [helper.make_opsetid("", 20), helper.make_opsetid(_CONTRIBUTED, 1)]
        # The format of 2024, which every onnxruntime in use reads.
        model = helper.make_model(graph, opset_imports=versions, ir_version=10)
        return bytes(model.SerializeToString())

    def _layer(self, layer: "_Layer", state: str) -> str:
        width, at = self._weights.width, layer.name
        joined = self._linear(layer, _ATTENTION, state, width, smooth=True)
        parts = [f"{at}.{part}" for part in ("queries", "keys", "values")]
        self._node("Split", [joined], parts, axis=2, num_outputs=3)
        seen = self._node(
            "MultiHeadAttention",
            [*parts, "", "mask"],
            [f"{at}.seen"],
            _CONTRIBUTED,
            num_heads=self._weights.heads,
        )
        # What attention gives is evenly spread already: smoothing it gained nothing.
        seen = self._linear(layer, ("ao",), seen, width, smooth=False)
        state = self._normalised(
            "SkipLayerNormalization", [state, seen], f"{layer.given}.aln", f"{at}.attended"
        )
        inner = self._linear(layer, ("fi",), state, width, smooth=True)
        inner = self._node("Gelu", [inner], [f"{at}.inner"], _CONTRIBUTED)
        inner = self._linear(layer, ("fo",), inner, 4 * width, smooth=True)
        return self._normalised(
            "SkipLayerNormalization", [state, inner], f"{layer.given}.oln", f"{at}.done"
        )

    def _matrix(self, layer: "_Layer", name: str, width: int) -> NDArray[np.float32]:
        matrix = self._weights.matrix(f"{layer.given}.{name}.w", width)
        if layer.adapted and self._adapters is not None:
            matrix = matrix + self._adapters.added(f"{layer.given}.{name}")
        return matrix

    def _linear(
        self, layer: "_Layer", names: tuple[str, ...], inputs: str, width: int, *, smooth: bool
    ) -> str:
        """Add a linear map, in 8 bits where the largest activations are known."""
        key = f"{layer.name}.{names[0]}"
        if self._show is not None:
            self._show.append(inputs)
        matrix = np.concatenate([self._matrix(layer, name, width) for name in names]).T
        biases = [self._weights.vector(f"{layer.given}.{name}.b") for name in names]
        bias = self._constant(f"{key}.bias", np.concatenate(biases))
        output = f"{key}.out"
        if self._largest is None:
            product = self._node(
                "MatMul", [inputs, self._constant(f"{key}.weights", matrix)], [f"{key}.product"]
            )
            return self._node("Add", [product, bias], [output])
        largest = self._largest[f"{layer.given}.{names[0]}"]
        if smooth:
            factor = _factors(largest, matrix)
            matrix, largest = matrix * factor[:, None], largest / factor
            smaller = self._constant(f"{key}.smaller", (1 / factor).astype(np.float32))
            inputs = self._node("Mul", [inputs, smaller], [f"{key}.smooth"])
        whole = self._whole(key, inputs, float(largest.max()))
        scale = (np.abs(matrix).max(axis=0) / 127).astype(np.float32)
        return self._node(
            "MatMulIntegerToFloat",
            [
                whole,
                self._constant(f"{key}.weights", np.rint(matrix / scale).astype(np.int8)),
                f"{key}.step",
                self._constant(f"{key}.scale", scale),
                f"{key}.middle",
                self._constant(f"{key}.zero", np.zeros(len(scale), np.int8)),
                bias,
            ],
            [output],
            _CONTRIBUTED,
        )

    def _whole(self, key: str, inputs: str, largest: float) -> str:
        """Turn activations into whole numbers, by a step that no text read beside can change.

        What is larger than anything measured is cut.
        """
        step = self._constant(f"{key}.step", np.array(largest / 127, np.float32))
        middle = self._constant(f"{key}.middle", np.array(128, np.uint8))
        return self._node("QuantizeLinear", [inputs, step, middle], [f"{key}.whole"])

    def _normalised(
        self, kind: str, inputs: list[str], name: str, output: str, domain: str = _CONTRIBUTED
    ) -> str:
        scale = self._constant(f"{output}.w", self._weights.vector(f"{name}.w"))
        shift = self._constant(f"{output}.b", self._weights.vector(f"{name}.b"))
        epsilon = self._weights.epsilon
        return self._node(kind, [*inputs, scale, shift], [output], domain, epsilon=epsilon)

    def _constant(self, name: str, values: NDArray[Any]) -> str:
        from onnx import numpy_helper

        self._constants.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def _node(
        self, kind: str, inputs: list[str], outputs: list[str], domain: str = "", **options: Any
    ) -> str:
        from onnx import helper

        self._nodes.append(helper.make_node(kind, inputs, outputs, domain=domain, **options))
        return outputs[0]


def _factors(largest: NDArray[np.float32], matrix: NDArray[np.float32]) -> NDArray[np.float32]:
    activations = np.maximum(largest, 1e-5)
    weights = np.maximum(np.abs(matrix).max(axis=1), 1e-5)
    factors = activations**STRENGTH / weights ** (1 - STRENGTH)
    even: NDArray[np.float32] = (factors / np.exp(np.log(factors).mean())).astype(np.float32)
    return even
