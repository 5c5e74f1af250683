namespace ActionStream.Models.Graphs;

/// <summary>Operators that move numbers and compute none.</summary>
public static class Arranging
{
    extension(Tensor x)
    {
        /// <summary>The same numbers in other axes. At most one axis may hold a name that the input has elsewhere.</summary>
        public Tensor Reshape(params ReadOnlySpan<Dim> dims)
        {
            var shape = Shape.Of(dims);
            if (shape.Elements != x.Shape.Elements)
            {
                throw new ShapeException($"Reshape: {x.Shape} has {x.Shape.Elements} elements, {shape} has {shape.Elements}");
            }

            return shape.Equals(x.Shape) ? x : x.Graph.Node("Reshape", [x, x.Graph.Constant(Targets(x.Shape, shape))], x.Type, shape);
        }

        public Tensor Transpose(params ReadOnlySpan<int> order)
        {
            var seen = new bool[x.Shape.Rank];
            var dims = new Dim[order.Length];
            for (var i = 0; i < order.Length; i++)
            {
                dims[i] = x.Shape[x.Shape.Axis(order[i])];
                seen[x.Shape.Axis(order[i])] = true;
            }

            return order.Length == x.Shape.Rank && !seen.Contains(false)
                ? x.Graph.Node("Transpose", [x], x.Type, Shape.Of(dims), Attribute.List("perm", order))
                : throw new ShapeException($"Transpose: ({string.Join(", ", order.ToArray())}) is not an order of the axes of {x.Shape}");
        }

        /// <summary>Elements <paramref name="start"/> to <paramref name="end"/> (exclusive) of an axis.</summary>
        public Tensor Slice(int axis, int start, int end)
        {
            var at = x.Shape.Axis(axis);
            if (start < 0 || end <= start || x.Shape[at].Value is not { } length || end > length)
            {
                throw new ShapeException($"Slice: {start} to {end} of axis {at} of {x.Shape}");
            }

            return start == 0 && end == length
                ? x
                : x.Graph.Node(
                    "Slice", [x, x.Graph.Constant([(long)start]), x.Graph.Constant([(long)end]), x.Graph.Constant([(long)at])],
                    x.Type, x.Shape.With(at, end - start));
        }

        /// <summary>Elements of an axis at these places, in this order, as often as they are named.</summary>
        public Tensor Take(int axis, params ReadOnlySpan<long> places)
        {
            var at = x.Shape.Axis(axis);
            if (x.Shape[at].Value is not { } length || places.ContainsAnyExceptInRange(0, length - 1))
            {
                throw new ShapeException($"Gather: {string.Join(", ", places.ToArray())} of axis {at} of {x.Shape}");
            }

            return x.Graph.Node("Gather", [x, x.Graph.Constant(places)], x.Type, x.Shape.With(at, places.Length), Attribute.Of("axis", at));
        }

        /// <summary>One element of an axis; the axis goes.</summary>
        public Tensor Pick(int axis, int index) => x.Slice(axis, index, index + 1).Squeeze(axis);

        public Tensor Squeeze(int axis)
        {
            var at = x.Shape.Axis(axis);
            return x.Shape[at] == 1
                ? x.Graph.Node("Squeeze", [x, x.Graph.Constant([(long)at])], x.Type, x.Shape.Without(at))
                : throw new ShapeException($"Squeeze: axis {at} of {x.Shape} is not 1");
        }

        /// <summary>Equal parts of an axis.</summary>
        public Tensor[] Split(int axis, int parts)
        {
            var at = x.Shape.Axis(axis);
            if (x.Shape[at].Over(parts) is not { } part)
            {
                throw new ShapeException($"Split: axis {at} of {x.Shape} does not divide in {parts}");
            }

            var results = new (ElementType, Shape)[parts];
            Array.Fill(results, (x.Type, x.Shape.With(at, part)));
            return x.Graph.Add("", "Split", [x], results, [Attribute.Of("axis", at), Attribute.Of("num_outputs", parts)]);
        }

        /// <summary>Repeats axes of 1 until the shape is the wanted one.</summary>
        public Tensor ExpandLike(Tensor like, int axis)
        {
            var at = x.Shape.Axis(axis);
            if (x.Shape[at] != 1)
            {
                throw new ShapeException($"Expand: axis {at} of {x.Shape} is not 1, and cannot become {like.Shape[at]}");
            }

            // Known only when the model runs: the count is read from the other tensor.
            var graph = x.Graph;
            var count = graph.Node("Shape", [like], ElementType.I64, [1], Attribute.Of("start", at), Attribute.Of("end", at + 1));
            var ones = Enumerable.Repeat(1L, x.Shape.Rank).ToArray();
            var target = graph.Node(
                "Concat",
                [.. ones.Take(at).Select(one => graph.Constant([one])), count, .. ones.Skip(at + 1).Select(one => graph.Constant([one]))],
                ElementType.I64, [x.Shape.Rank], Attribute.Of("axis", 0));
            return graph.Node("Expand", [x, target], x.Type, x.Shape.With(at, like.Shape[at]));
        }
    }

    /// <summary>One after the other along an axis; all other axes must agree.</summary>
    public static Tensor Concat(int axis, params ReadOnlySpan<Tensor> parts)
    {
        var first = parts[0];
        var at = first.Shape.Axis(axis);
        long length = 0;
        var inputs = new Tensor?[parts.Length];
        for (var i = 0; i < parts.Length; i++)
        {
            inputs[i] = parts[i];
            Ops.Expect(parts[i].Type == first.Type, "Concat", first, parts[i], "their types differ");
            Ops.Expect(
                parts[i].Shape.Rank == first.Shape.Rank && parts[i].Shape[at].IsFixed
                && parts[i].Shape.With(at, 0).Equals(first.Shape.With(at, 0)),
                "Concat", first, parts[i], $"all axes but {at} must agree");
            length += parts[i].Shape[at].Factor;
        }

        return first.Graph.Node("Concat", inputs, first.Type, first.Shape.With(at, length), Attribute.Of("axis", at));
    }

    // ONNX writes "as it was" as 0 and "whatever is left" as -1, once.
    private static long[] Targets(Shape from, Shape to)
    {
        var targets = new long[to.Rank];
        var left = false;
        for (var i = 0; i < to.Rank; i++)
        {
            if (to[i].Value is { } value)
            {
                targets[i] = value;
            }
            else if (!left)
            {
                (targets[i], left) = (-1, true);
            }
            else
            {
                targets[i] = i < from.Rank && from[i] == to[i]
                    ? 0
                    : throw new ShapeException($"Reshape: {from} to {to} has two axes that are known only when the model runs");
            }
        }

        return targets;
    }
}
