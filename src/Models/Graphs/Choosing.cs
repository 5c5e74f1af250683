namespace ActionStream.Models.Graphs;

/// <summary>Operators that pick rows by what the numbers say, and put them back.</summary>
public static class Choosing
{
    extension(Tensor x)
    {
        /// <summary>Where the largest numbers of the last axis stand, largest first; of equals the one that comes first.</summary>
        /// <returns>[…, count], whole numbers</returns>
        public Tensor TopIndices(int count)
        {
            if (x.Shape[^1].Value is not { } length || count < 1 || count > length)
            {
                throw new ShapeException($"TopK: {count} of the last axis of {x.Shape}");
            }

            var shape = x.Shape.With(-1, count);
            return x.Graph.Add(
                "", "TopK", [x, x.Graph.Constant([(long)count])], [(x.Type, shape), (ElementType.I64, shape)],
                [Attribute.Of("axis", -1)])[1];
        }

        /// <summary>Numbers of [N, L] at [N, K] places.</summary>
        public Tensor At(Tensor places)
        {
            Ops.Expect(
                x.Shape.Rank == 2 && places.Shape.Rank == 2 && x.Shape[0] == places.Shape[0], "GatherElements", x, places,
                "[N, L] at [N, K]");
            return x.Graph.Node("GatherElements", [x, places], x.Type, places.Shape, Attribute.Of("axis", 1));
        }

        /// <summary>Rows of [N, L, C] at [N, K] places.</summary>
        /// <returns>[N, K, C]</returns>
        public Tensor RowsAt(Tensor places)
        {
            Ops.Expect(
                x.Shape.Rank == 3 && places.Shape.Rank == 2 && x.Shape[0] == places.Shape[0], "GatherND", x, places, "[N, L, C] at [N, K]");
            var index = places.Reshape(places.Shape[0], places.Shape[1], 1);
            return x.Graph.Node("GatherND", [x, index], x.Type, x.Shape.With(1, places.Shape[1]), Attribute.Of("batch_dims", 1));
        }

        /// <summary>[N, L] with other numbers at [N, K] places.</summary>
        public Tensor With(Tensor places, Tensor values)
        {
            Ops.Expect(
                places.Shape.Equals(values.Shape) && x.Shape.Rank == places.Shape.Rank, "ScatterElements", x, values,
                "one number per place");
            return x.Graph.Node("ScatterElements", [x, places, values], x.Type, x.Shape, Attribute.Of("axis", 1));
        }

        /// <summary>[N, L, C] with other rows at [N, K] places.</summary>
        public Tensor WithRows(Tensor places, Tensor rows)
        {
            Ops.Expect(
                x.Shape.Rank == 3 && rows.Shape.Equals(x.Shape.With(1, places.Shape[1])), "ScatterElements", x, rows, "one row per place");
            var graph = x.Graph;
            var target = graph.Node("Shape", [rows], ElementType.I64, [3]);
            var spread = graph.Node("Expand", [places.Reshape(places.Shape[0], places.Shape[1], 1), target], ElementType.I64, rows.Shape);
            return x.With(spread, rows);
        }
    }
}
