namespace ActionStream.Models.Graphs;

/// <summary>Arithmetic and the operators networks are made of. Each states the shape it gives and refuses what does not fit.</summary>
public static class Ops
{
    extension(Tensor x)
    {
        public Tensor Add(Tensor other) => x.Elementwise("Add", other);

        public Tensor Subtract(Tensor other) => x.Elementwise("Sub", other);

        public Tensor Multiply(Tensor other) => x.Elementwise("Mul", other);

        /// <summary>[…, M, K] · […, K, N] = […, M, N].</summary>
        public Tensor MatMul(Tensor other)
        {
            Expect(x.Shape.Rank >= 2 && other.Shape.Rank >= 2, "MatMul", x, other, "both need two axes or more");
            Expect(x.Type == other.Type, "MatMul", x, other, "their types differ");
            Expect(x.Shape[^1] == other.Shape[^2], "MatMul", x, other, $"the inner axes are {x.Shape[^1]} and {other.Shape[^2]}");
            var outer = Shape.Broadcast([.. x.Shape.SkipLast(2)], [.. other.Shape.SkipLast(2)], "MatMul");
            Shape shape = [.. outer, x.Shape[^2], other.Shape[^1]];
            var product = x.Graph.Node("MatMul", [x, other], x.Type, shape);
            x.Graph.Cost(shape.Elements * x.Shape[^1]);
            return product;
        }

        /// <summary>[…, in] · [in, out] + [out] = […, out].</summary>
        public Tensor Affine(Tensor kernel, Tensor bias) => x.MatMul(kernel) + bias;

        /// <summary>Exponentials that sum to 1 along an axis.</summary>
        public Tensor Softmax(int axis = -1) => x.Same("Softmax", Attribute.Of("axis", x.Shape.Axis(axis)));

        /// <summary>x · Φ(x), in the tanh form of Flax and scenic.</summary>
        public Tensor GeluTanh() => x.Same("Gelu", Attribute.Of("approximate", "tanh"));

        /// <summary>x · Φ(x), exactly (erf), as in PyTorch.</summary>
        public Tensor Gelu() => x.Same("Gelu", Attribute.Of("approximate", "none"));

        public Tensor Sigmoid() => x.Same("Sigmoid");

        public Tensor Tanh() => x.Same("Tanh");

        /// <summary>Mean 0 and variance 1 along the last axis, then scaled and shifted.</summary>
        public Tensor LayerNormalization(Tensor scale, Tensor bias, float epsilon)
        {
            Expect(scale.Shape.Equals(bias.Shape) && scale.Shape.Rank == 1 && scale.Shape[0] == x.Shape[^1],
                "LayerNormalization", x, scale, $"scale and bias need one axis of {x.Shape[^1]}");
            return x.Graph.Form == GraphForm.Cpu && x.Shape.Rank == 3 && x.Shape[1].Value is { } tokens
                ? (x.InstanceNormalization((int)tokens, epsilon) * scale) + bias
                : x.Graph.Node(
                    "LayerNormalization", [x, scale, bias], x.Type, x.Shape, Attribute.Of("axis", -1), Attribute.Of("epsilon", epsilon));
        }

        // Made for frames, [N, C, positions]: each channel becomes mean 0, variance 1 over its positions. Tokens in the
        // place of channels make it a layer norm; its own scale and bias are per token then, and stay 1 and 0.
        private Tensor InstanceNormalization(int tokens, float epsilon)
        {
            var ones = new float[tokens];
            Array.Fill(ones, 1);
            return x.Graph.Node(
                "InstanceNormalization", [x, x.Graph.Constant([tokens], ones), x.Graph.Constant([tokens], new float[tokens])],
                x.Type, x.Shape, Attribute.Of("epsilon", epsilon));
        }

        public Tensor Mean(int axis, bool keep = false) => x.Reduce("ReduceMean", axis, keep);

        public Tensor Max(int axis, bool keep = false) => x.Reduce("ReduceMax", axis, keep);

        public Tensor Sum(int axis, bool keep = false) => x.Reduce("ReduceSum", axis, keep);

        private Tensor Reduce(string op, int axis, bool keep)
        {
            var at = x.Shape.Axis(axis);
            return x.Graph.Node(
                op, [x, x.Graph.Constant([(long)at])], x.Type, keep ? x.Shape.With(at, 1) : x.Shape.Without(at),
                Attribute.Of("keepdims", keep ? 1 : 0));
        }

        public Tensor Cast(ElementType type) => x.Graph.Node("Cast", [x], type, x.Shape, Attribute.Of("to", (long)type));

        private Tensor Elementwise(string op, Tensor other)
        {
            Expect(x.Type == other.Type, op, x, other, "their types differ");
            return x.Graph.Node(op, [x, other], x.Type, Shape.Broadcast(x.Shape, other.Shape, op));
        }

        private Tensor Same(string op, params ReadOnlySpan<Attribute> attributes) => x.Graph.Node(op, [x], x.Type, x.Shape, attributes);
    }

    internal static void Expect(bool isFine, string op, Tensor left, Tensor right, string why)
    {
        if (!isFine)
        {
            throw new ShapeException($"{op}: {left} does not go with {right}: {why}");
        }
    }
}
