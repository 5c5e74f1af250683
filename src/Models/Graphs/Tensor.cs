namespace ActionStream.Models.Graphs;

/// <summary>A value in a <see cref="Graph"/>: what a node gives, with its type and shape. Ops on it add nodes.</summary>
public sealed class Tensor
{
    internal Tensor(Graph graph, string name, ElementType type, Shape shape) => (Graph, Name, Type, Shape) = (graph, name, type, shape);

    public Graph Graph { get; }

    public string Name { get; }

    public ElementType Type { get; }

    public Shape Shape { get; }

    /// <summary>Gives the value a name that a verifier can ask for; adds nothing to the graph.</summary>
    /// <param name="view">Turns it into the axes of the reference, if ours differ; applied only when a verifier asks.</param>
    public Tensor Mark(string path, Func<Tensor, Tensor>? view = null)
    {
        Graph.Mark(path, this, view ?? (tensor => tensor));
        return this;
    }

    public static Tensor operator +(Tensor left, Tensor right) => left.Add(right);

    public static Tensor operator -(Tensor left, Tensor right) => left.Subtract(right);

    public static Tensor operator *(Tensor left, Tensor right) => left.Multiply(right);

    public static Tensor operator +(Tensor left, float right) => left.Add(left.Graph.Scalar(right));

    public static Tensor operator -(Tensor left, float right) => left.Subtract(left.Graph.Scalar(right));

    public static Tensor operator *(Tensor left, float right) => left.Multiply(left.Graph.Scalar(right));

    public override string ToString() => $"{Name} {Type.Label} {Shape}";
}
