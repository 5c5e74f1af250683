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
}
