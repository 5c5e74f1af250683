namespace ActionStream.Models.Graphs;

/// <summary>Scaled dot-product attention, in the form the graph was asked for (<see cref="GraphForm"/> tells why).</summary>
public static class AttentionOps
{
    extension(Tensor query)
    {
        /// <summary>Every query asks all keys; the receiver is [B, M, D].</summary>
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

        /// <summary>As <see cref="Attend"/>, and the share of its heed that the first query gives each
        /// key, as a mean over the heads.</summary>
        /// <returns>[B, M, D] and [B, N]</returns>
        public (Tensor Values, Tensor Heed) AttendWithHeed(Tensor key, Tensor value, int heads)
        {
            Dim batch = query.Shape[0], all = key.Shape[1], head = query.Shape[2].Over(heads) ?? 0;
            if (query.Graph.Form == GraphForm.Portable)
            {
                var (attended, heed) = query.AttendInSteps(key, value, heads, (int)head.Factor);
                return (attended, heed.Slice(2, 0, 1).Mean(1).Squeeze(1)); // [B, h, 1, N] → [B, 1, N] → [B, N]
            }

            // The fused operator keeps its shares to itself: one row of them is computed again, which
            // costs one M-th of it and is not counted.
            var first = query.Slice(1, 0, 1) * (1 / MathF.Sqrt(head.Factor));                         // [B, 1, D]
            var asks = first.Reshape(batch, heads, 1, head);                                          // [B, h, 1, d]
            var keys = key.Reshape(batch, all, heads, head).Transpose(0, 2, 3, 1);                    // [B, h, d, N]
            var shares = query.Graph.Node("MatMul", [asks, keys], query.Type, [batch, heads, 1, all]).Softmax();
            return (query.Attend(key, value, heads), shares.Mean(1).Squeeze(1));
        }

        private Tensor AttendFused(Tensor key, Tensor value, int heads)
        {
            var graph = query.Graph;
            var attended = graph.Add(
                Graph.Microsoft, "MultiHeadAttention", [query, key, value], [(query.Type, query.Shape)],
                [Attribute.Of("num_heads", heads)])[0];
            graph.Cost(query.Shape.Elements * key.Shape[1] * 2);
            return attended;
        }

        private Tensor AttendPlain(Tensor key, Tensor value, int heads, int head) => query.AttendInSteps(key, value, heads, head).Values;

        private (Tensor Values, Tensor Heed) AttendInSteps(Tensor key, Tensor value, int heads, int head)
        {
            Dim batch = query.Shape[0], asking = query.Shape[1], all = key.Shape[1];
            var scaled = query * (1 / MathF.Sqrt(head));
            var q = scaled.Reshape(batch, asking, heads, head).Transpose(0, 2, 1, 3);    // [B, h, M, d]
            var k = key.Reshape(batch, all, heads, head).Transpose(0, 2, 3, 1);          // [B, h, d, N]
            var v = value.Reshape(batch, all, heads, head).Transpose(0, 2, 1, 3);        // [B, h, N, d]
            var heed = q.MatMul(k).Softmax();                                            // [B, h, M, N]
            return (heed.MatMul(v).Transpose(0, 2, 1, 3).Reshape(batch, asking, heads * head), heed);
        }
    }
}
