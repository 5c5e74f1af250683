namespace ActionStream.Models.Graphs;

/// <summary>Convolutions over any number of axes, channels first, and the norm that goes with them.</summary>
public static class Convolution
{
    extension(Tensor x)
    {
        /// <summary>Slides kernels over all axes after the channels, zeros around the borders; positions where a
        /// kernel would not fit are left out.</summary>
        /// <param name="kernel">[out, in / groups, k…]</param>
        /// <param name="bias">[out]</param>
        /// <param name="stride">Steps, one number per axis.</param>
        /// <param name="padding">Zeros on both sides, one number per axis.</param>
        /// <param name="groups">Parts of the channels that never meet; as many as channels make it depth-wise.</param>
        /// <returns>[N, out, ⌊(n + 2·padding − k) / stride⌋ + 1 …]</returns>
        public Tensor Conv(Tensor kernel, Tensor? bias, ReadOnlySpan<int> stride, ReadOnlySpan<int> padding, int groups = 1)
        {
            var result = x.ConvUncounted(kernel, bias, stride, padding, groups);
            x.Graph.Cost(result.Shape.Elements * kernel.Shape.Skip(1).Aggregate((Dim)1, (product, side) => product * side));
            return result;
        }

        /// <summary>As <see cref="Conv"/>, as part of something whose products are counted otherwise.</summary>
        internal Tensor ConvUncounted(Tensor kernel, Tensor? bias, ReadOnlySpan<int> stride, ReadOnlySpan<int> padding, int groups = 1)
        {
            var axes = x.Shape.Rank - 2;
            Ops.Expect(
                axes >= 1 && kernel.Shape.Rank == axes + 2 && stride.Length == axes && padding.Length == axes, "Conv", x, kernel,
                "one kernel side, stride and padding per axis after the channels");
            Ops.Expect(
                kernel.Shape[1] * groups == x.Shape[1] && kernel.Shape[0].Over(groups) is not null, "Conv", x, kernel,
                $"{x.Shape[1]} channels in {groups} groups");
            if (bias is not null)
            {
                Ops.Expect(bias.Shape.Rank == 1 && bias.Shape[0] == kernel.Shape[0], "Conv", kernel, bias, "one bias per kernel");
            }

            var shape = x.Shape.With(1, kernel.Shape[0]);
            for (var axis = 0; axis < axes; axis++)
            {
                var length = x.Shape[axis + 2].Value ?? throw new ShapeException($"Conv: axis {axis + 2} of {x.Shape} must be known");
                var left = length + (2 * padding[axis]) - kernel.Shape[axis + 2].Factor;
                Ops.Expect(left >= 0, "Conv", x, kernel, $"the kernel is longer than axis {axis + 2} with its padding");
                shape = shape.With(axis + 2, (left / stride[axis]) + 1);
            }

            return x.Graph.Node(
                "Conv", bias is null ? [x, kernel] : [x, kernel, bias], x.Type, shape,
                Attribute.List("kernel_shape", [.. kernel.Shape.Skip(2).Select(side => (int)side.Factor)]),
                Attribute.List("strides", stride),
                Attribute.List("pads", [.. padding, .. padding]),
                Attribute.Of("group", groups));
        }

        /// <summary>(x − mean) / √(variance + ε) · scale + bias, per channel, with the statistics of training.</summary>
        public Tensor BatchNormalization(Tensor scale, Tensor bias, Tensor mean, Tensor variance, float epsilon)
        {
            Ops.Expect(
                scale.Shape.Rank == 1 && scale.Shape[0] == x.Shape[1], "BatchNormalization", x, scale,
                $"one number for each of {x.Shape[1]} channels");
            return x.Graph.Node(
                "BatchNormalization", [x, scale, bias, mean, variance], x.Type, x.Shape, Attribute.Of("epsilon", epsilon));
        }
    }
}
