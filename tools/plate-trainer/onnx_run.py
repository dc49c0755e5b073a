# SPDX-License-Identifier: Apache-2.0
"""Runs the few ONNX operators that our two models use, with torch. For measuring exported files; the product uses ONNX Runtime."""
import numpy as np
import onnx
import torch
import torch.nn.functional as F
from onnx import numpy_helper


class OnnxModel:
    def __init__(self, path):
        graph = onnx.load(path).graph
        self.nodes = graph.node
        self.inputs = [i.name for i in graph.input]
        self.outputs = [o.name for o in graph.output]
        self.constants = {i.name: torch.from_numpy(numpy_helper.to_array(i).copy()) for i in graph.initializer}

    @torch.no_grad()
    def __call__(self, *inputs):
        values = {"": None, **self.constants, **dict(zip(self.inputs, map(torch.as_tensor, inputs)))}
        for node in self.nodes:
            attributes = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
            values[node.output[0]] = _run(node.op_type, [values[i] for i in node.input], attributes)
        return [values[o].numpy() for o in self.outputs]


def _padding(pads):
    """Only symmetric padding: (top, left), from ONNX's top, left, bottom, right."""
    assert pads[:2] == pads[2:], pads
    return tuple(pads[:2])


def _run(op, x, a):
    if op == "Conv":
        return F.conv2d(x[0], x[1], x[2] if len(x) > 2 else None, tuple(a["strides"]), _padding(a["pads"]), tuple(a["dilations"]), a["group"])
    if op == "MaxPool":
        return F.max_pool2d(x[0], tuple(a["kernel_shape"]), tuple(a["strides"]), _padding(a.get("pads", [0, 0, 0, 0])))
    if op == "Constant":
        return torch.from_numpy(numpy_helper.to_array(a["value"]).copy())
    if op in ("Resize", "Upsample"):
        return F.interpolate(x[0], scale_factor=2, mode="nearest")
    if op == "Gemm":
        return F.linear(x[0], x[1] if a.get("transB") else x[1].T, x[2])
    if op == "GlobalAveragePool":
        return x[0].mean((2, 3), keepdim=True)
    if op == "Flatten":
        return x[0].flatten(a.get("axis", 1))
    if op == "Squeeze":
        return x[0].squeeze(int(x[1][0]))
    if op == "Transpose":
        return x[0].permute(*a["perm"])
    if op == "Cast":
        return x[0].float()
    simple = {"Relu": torch.relu, "Sigmoid": torch.sigmoid, "Add": torch.add, "Sub": torch.sub, "Mul": torch.mul,
              "GreaterOrEqual": torch.ge, "Identity": lambda v: v}
    if op not in simple:
        raise NotImplementedError(op)
    return simple[op](*x)
