namespace ActionStream.Models.Graphs;

/// <summary>What a convolutional network does between its convolutions: pads, pools, and cuts what is below zero.</summary>
public static class Pooling
{
    extension(Tensor x)
    {
        /// <summary>The largest number under a box that moves over all axes after the channels. Padding never wins; where nothing is below
        /// zero, that is padding with zeros.</summary>
        /// <param name="box">Sides, one number per axis.</param>
        /// <param name="before">Padding before the first element of each axis.</param>
        /// <param name="after">Padding behind the last.</param>
        /// <returns>[N, C, ⌊(n + before + after − box) / stride⌋ + 1 …]</returns>
        public Tensor MaxPool(ReadOnlySpan<int> box, ReadOnlySpan<int> stride, ReadOnlySpan<int> before, ReadOnlySpan<int> after)
        {
            var shape = x.Shape;
            for (var i = 0; i < box.Length; i++)
            {
                var left = x.Known(i + 2, "MaxPool") + before[i] + after[i] - box[i];
                shape = left >= 0
                    ? shape.With(i + 2, (left / stride[i]) + 1)
                    : throw new ShapeException($"MaxPool: a box of {string.Join("x", box.ToArray())} does not fit into {x}");
            }

            return x.Graph.Node(
                "MaxPool", [x], x.Type, shape,
                Attribute.List("kernel_shape", box), Attribute.List("strides", stride), Attribute.List("pads", [.. before, .. after]));
        }

        /// <summary>Zeros around all axes after the channels.</summary>
        public Tensor Pad(ReadOnlySpan<int> before, ReadOnlySpan<int> after)
        {
            if (before.IndexOfAnyExcept(0) < 0 && after.IndexOfAnyExcept(0) < 0)
            {
                return x;
            }

            var shape = x.Shape;
            var pads = new long[x.Shape.Rank * 2];
            for (var i = 0; i < before.Length; i++)
            {
                shape = shape.With(i + 2, x.Known(i + 2, "Pad") + before[i] + after[i]);
                pads[i + 2] = before[i];
                pads[i + 2 + x.Shape.Rank] = after[i];
            }

            return x.Graph.Node("Pad", [x, x.Graph.Constant(pads)], x.Type, shape);
        }

        /// <summary>The mean over all axes behind the first <paramref name="kept"/>, which stay.</summary>
        public Tensor MeanBehind(int kept)
        {
            Shape left = [.. x.Shape.Take(kept), x.Shape.Skip(kept).Aggregate((Dim)1, (product, dim) => product * dim)];
            return x.Reshape([.. left]).Mean(-1);
        }

        public Tensor Relu() => x.Graph.Node("Relu", [x], x.Type, x.Shape);

        public Tensor Sqrt() => x.Graph.Node("Sqrt", [x], x.Type, x.Shape);

        public Tensor Divide(Tensor other)
        {
            Ops.Expect(x.Type == other.Type, "Div", x, other, "their types differ");
            return x.Graph.Node("Div", [x, other], x.Type, Shape.Broadcast(x.Shape, other.Shape, "Div"));
        }

        private long Known(int axis, string op) =>
            x.Shape[axis].Value ?? throw new ShapeException($"{op}: axis {axis} of {x.Shape} must be known");
    }
}
