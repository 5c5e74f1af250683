namespace ActionStream.Models.Graphs;

/// <summary>Scaled dot-product attention, in the form the graph was asked for (<see cref="GraphForm"/> tells why).</summary>
public static class AttentionOps
{
    extension(Tensor query)
    {
        /// <param name="query">[B, M, D]</param>
        /// <param name="key">[B, N, D]</param>
        /// <param name="value">[B, N, D]</param>
        /// <param name="heads">Parts that the last axis divides into; each attends alone.</param>
        /// <returns>[B, M, D]</returns>
        public Tensor Attend(Tensor key, Tensor value, int heads)
        {
            Ops.Expect(query.Shape.With(1, 0).Equals(key.Shape.With(1, 0)), "Attention", query, key, "all axes but the tokens must agree");
            Ops.Expect(key.Shape.Equals(value.Shape), "Attention", key, value, "keys and values come in pairs");
            if (query.Shape[^1].Over(heads)?.Value is not { } head)
            {
                throw new ShapeException($"Attention: the last axis of {query.Shape} does not divide in {heads} heads");
            }

            return query.Graph.Form == GraphForm.Portable
                ? query.AttendPlain(key, value, heads, (int)head)
                : query.AttendFused(key, value, heads);
        }

        private Tensor AttendFused(Tensor key, Tensor value, int heads)
        {
            var graph = query.Graph;
            var heard = graph.Add(
                Graph.Microsoft, "MultiHeadAttention", [query, key, value], [(query.Type, query.Shape)], [Attribute.Of("num_heads", heads)])[0];
            graph.Cost(query.Shape.Elements * key.Shape[1] * 2);
            return heard;
        }

        private Tensor AttendPlain(Tensor key, Tensor value, int heads, int head)
        {
            Dim batch = query.Shape[0], asking = query.Shape[1], all = key.Shape[1];
            var scaled = query * (1 / MathF.Sqrt(head));
            var q = scaled.Reshape(batch, asking, heads, head).Transpose(0, 2, 1, 3);    // [B, h, M, d]
            var k = key.Reshape(batch, all, heads, head).Transpose(0, 2, 3, 1);          // [B, h, d, N]
            var v = value.Reshape(batch, all, heads, head).Transpose(0, 2, 1, 3);        // [B, h, N, d]
            var heed = q.MatMul(k).Softmax();                                            // [B, h, M, N]
            return heed.MatMul(v).Transpose(0, 2, 1, 3).Reshape(batch, asking, heads * head);
        }
    }
}
