using ActionStream.Models.Graphs;
using ActionStream.Models.Graphs.Onnx;
using Google.Protobuf;

namespace ActionStream.Unit.Models.Graphs;

public sealed class OnnxFileTests
{
    [Fact]
    public void Fields_that_we_do_not_know_survive_a_round_trip()
    {
        byte[] functions = [0xCA, 0x01, 0x03, (byte)'f', (byte)'o', (byte)'o']; // field 25, three bytes
        byte[] file = [.. new ModelProto { IrVersion = 9, Graph = new() { Name = "g" } }.ToByteArray(), .. functions];

        Assert.Equal(file, ModelProto.Parser.ParseFrom(file).ToByteArray());
    }

    [Fact]
    public void A_setting_of_zero_is_written_out()
    {
        var proto = AttributeProto.Parser.ParseFrom(ActionStream.Models.Graphs.Attribute.Of("axis", 0L).Proto.ToByteArray());
        Assert.True(proto.HasI);
    }

    [Fact]
    public void A_graph_states_the_operator_sets_it_uses_and_no_others()
    {
        Assert.Equal([""], Domains(GraphForm.Portable));
        Assert.Equal(["", "com.microsoft"], Domains(GraphForm.Cpu));

        static IEnumerable<string> Domains(GraphForm form)
        {
            var graph = new Graph("g", form);
            var x = graph.Input("x", ElementType.F32, ["N", 4, 8]);
            graph.Output("y", x.Attend(x, x, heads: 2));
            return graph.ToModel().OpsetImport.Select(set => set.Domain);
        }
    }

    [Theory]
    [InlineData(60_000, false, "its graph has more than 50000 nodes")]
    [InlineData(1, true, "it is made of more than 1000000 parts")]
    public void A_file_of_more_parts_than_any_network_has_is_refused_before_they_become_objects(int nodes, bool manyFields, string words)
    {
        var model = new ModelProto { Graph = new() { Name = "g" } };
        model.Graph.Node.Add(Enumerable.Range(0, nodes).Select(_ => new NodeProto { OpType = "Relu", Input = { "x" }, Output = { "x" } }));
        if (manyFields)
        {
            model.Graph.Node[0].Attribute.Add(Enumerable.Range(0, 1_100_000).Select(_ => new AttributeProto()));
        }

        var path = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(path, model.ToByteArray());
            var before = GC.GetAllocatedBytesForCurrentThread();
            Assert.Contains(words, Assert.Throws<OnnxFileException>(() => OnnxFile.Load(path)).Message, StringComparison.Ordinal);
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 200_000_000);
        }
        finally
        {
            File.Delete(path);
        }
    }
}
